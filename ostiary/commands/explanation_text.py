"""A rehearsed request, for people and for programs."""

import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.markup import escape

from access_model.explanation import Checked, Explanation, Way
from access_model.facts import ClientCertificate
from extauthz.rehearsal import Outcome, Rehearsal

_SAID = {
    Outcome.ALLOW: ("green", "allow: the request reaches its upstream"),
    Outcome.DENY: ("red", "deny: 403"),
    Outcome.CERTIFICATE: ("red", "deny: 495, a client certificate is wanted"),
    Outcome.LOGIN: ("yellow", "login: a browser is sent to sign in, a program gets 401"),
    Outcome.NO_ROUTE: ("red", "no route: 404"),
    Outcome.REFUSED: ("red", "refused: the request can be read in more than one way"),
    Outcome.CANNOT_TELL: ("red", "cannot tell: 503, and nobody passes"),
    Outcome.OWN: ("green", "own endpoint: the proxy itself answers, no route is asked"),
}


def print_rehearsal(rehearsal: Rehearsal) -> None:
    """Print it to standard output, with colours on a terminal."""
    console = Console(soft_wrap=True, highlight=False, no_color=not sys.stdout.isatty())
    for line in _lines(rehearsal):
        console.print(line)


def as_json(rehearsal: Rehearsal) -> dict[str, Any]:
    """The same, of plain values."""
    route, identity, explanation = rehearsal.route, rehearsal.known.identity, rehearsal.explanation
    return {
        "decision": str(rehearsal.outcome),
        "method": rehearsal.facts.method,
        "url": rehearsal.facts.url,
        "user": identity.user_id if identity else None,
        "client_certificate": _certificate(rehearsal.facts.client_certificate),
        "route": {"id": route.id, "name": route.name, "source": rehearsal.source} if route else None,
        "reasons": list(rehearsal.reasons),
        "problem": rehearsal.problem,
        "criteria": [_criterion(each) for each in explanation.checked] if explanation else [],
        "said_no": [each.text for each in explanation.said_no] if explanation else [],
        "would_say_yes": [_wishes(way) for way in explanation.ways] if explanation else [],
        "would_lift_deny": [[_wishes(way) for way in ways] for ways in explanation.obstacles] if explanation else [],
    }


def _certificate(presented: ClientCertificate | None) -> dict[str, Any] | None:
    return None if presented is None else {"trusted": presented.trusted, "objection": presented.objection}


def _criterion(each: Checked) -> dict[str, Any]:
    action, *_ = each.place
    return {
        "action": action,
        "operator": each.operator,
        "criterion": each.name,
        "data": each.data,
        "holds": each.value,
        "reasons": list(each.reasons),
        "problem": each.problem,
    }


def _wishes(way: Way) -> list[str]:
    return [each.wish for each in way]


def _lines(rehearsal: Rehearsal) -> Iterator[str]:
    facts, identity, route = rehearsal.facts, rehearsal.known.identity, rehearsal.route
    who = f"{identity.user_id}" if identity else "nobody signed in"
    colour, said = _SAID[rehearsal.outcome]
    yield f"request   {escape(f'{facts.method} {facts.url}')}"
    yield f"who asks  {escape(who)}"
    if (certificate := facts.client_certificate) is not None:
        trust = "trusted" if certificate.trusted else f"not trusted: {certificate.objection}"
        yield f"shows     a certificate, {escape(trust)}"
    yield f"route     {escape(f'{route.name} ({rehearsal.source})') if route else 'none'}"
    yield f"decision  [bold {colour}]{said}[/]"
    if rehearsal.problem and rehearsal.outcome is not Outcome.CERTIFICATE:
        yield f"because   {escape(rehearsal.problem)}"
    if rehearsal.explanation is None:
        return
    yield from _criteria(rehearsal.explanation)
    if rehearsal.outcome is not Outcome.ALLOW:
        yield from _remedies(rehearsal.explanation)


def _criteria(explanation: Explanation) -> Iterator[str]:
    above: tuple[object, ...] = ()
    width = max((len(each.plain) for each in explanation.checked), default=0)
    for each in explanation.checked:
        if above != (place := each.place[:3]):
            above = place
            yield ""
            yield f"[bold]{each.place[0]}[/] {each.operator}"
        mark = "[green]✓[/]" if each.value else "[red]✗[/]"
        why = each.problem or ", ".join(each.reasons)
        yield f"  {mark} {escape(each.plain.ljust(width))}  [dim]{escape(why)}[/]"
    if not explanation.checked:
        yield ""
        yield "the policy has no criterion, so nobody may pass"


def _remedies(explanation: Explanation) -> Iterator[str]:
    for ways in explanation.obstacles:
        yield ""
        yield "[bold]a deny rule said no; it would not have with[/]"
        yield from _ways(ways)
    if explanation.ways:
        yield ""
        also = " as well" if explanation.obstacles else ""
        yield f"[bold]no allow rule said yes; one would have{also} with[/]"
        yield from _ways(explanation.ways)


def _ways(ways: tuple[Way, ...]) -> Iterator[str]:
    for number, way in enumerate(ways):
        yield f"  {'or ' if number else '   '}{escape(' and '.join(_wishes(way)))}"
    if not ways:
        yield "     nothing: it always holds"
