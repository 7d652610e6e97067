"""May this request pass? The order of the rules, on one screen.

A conflict of credentials refuses on every route. Then: a reason that speaks of a missing user asks for a login, a deny
rule refuses, an allow rule allows, and nothing at all refuses. An evaluation that fails refuses, whichever block it was
in, because a deny rule that cannot be read must not count as absent.
"""

from datetime import datetime

from access_model.facts import RequestFacts
from access_model.model import Route
from access_model.policy import Evaluation, Finding, PolicyInput, Reason, evaluate, explain
from extauthz.decide.outcome import Allowed, Decision, Known, Refused, RefusedFor, SignInNeeded


def decide(facts: RequestFacts, route: Route, known: Known, now: datetime) -> Decision:
    """Decide a request on its route for what is known about the asker at `now`. Total: it never raises."""
    if known.conflict:
        return Refused(RefusedFor.CONFLICTING_CREDENTIALS, route)
    asked = PolicyInput(facts, known.identity, now, known.records)
    try:
        return _judge(route, asked, evaluate(route.policy, asked))
    except Exception as error:  # whatever it is, it must not let anybody pass
        problem = f"policy of route `{route.name}` cannot be evaluated: {error!r}"
        return Refused(RefusedFor.UNAVAILABLE, route, known.identity, problem=problem)


def _judge(route: Route, asked: PolicyInput, found: Evaluation) -> Decision:
    if asked.identity is None and found.needs_sign_in:
        return SignInNeeded(route, found.reasons)
    if found.deny.value:
        return _forbidden(route, asked, found.deny.reasons, by_rule=True)
    if found.allow.value:
        return Allowed(route, asked.identity, found.allow.reasons)
    return _forbidden(route, asked, found.allow.reasons, by_rule=False)


def _forbidden(route: Route, asked: PolicyInput, reasons: frozenset[Reason], *, by_rule: bool) -> Refused:
    findings = (
        tuple((each.verdict.value, _spelt(each)) for each in explain(route.policy, asked))
        if route.show_error_details
        else ()
    )
    return Refused(
        RefusedFor.FORBIDDEN,
        route,
        asked.identity,
        reasons,
        determined_by="deny" if by_rule else "default",
        findings=findings,
    )


def _spelt(finding: Finding) -> str:
    criterion = f"{finding.name}: {finding.data}" if finding.data else finding.name
    return criterion if finding.action == "allow" else f"deny {criterion}"
