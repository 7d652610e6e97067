"""May this request pass? The order of the rules, on one screen.

What is wrong with the credentials themselves refuses on every route. Then: a deny rule about the client certificate
refuses, for no login would mend that; a reason that speaks of a missing user asks for a login; whatever a better
sign-in would mend asks for one; a deny rule refuses, an allow rule allows, and nothing at all refuses. An evaluation
that fails refuses, whichever block it was in, because a deny rule that cannot be read must not count as absent.
"""

from datetime import datetime

from access_model.facts import RequestFacts
from access_model.model import Route
from access_model.policy import Evaluation, Finding, PolicyInput, Reason, evaluate, explain, step_up
from extauthz.decide.method_override import contradicted_method
from extauthz.decide.outcome import Allowed, Decision, Known, Refused, RefusedFor, SignInNeeded, StepUpNeeded

_CERTIFICATE = (Reason.CLIENT_CERTIFICATE_REQUIRED, Reason.INVALID_CLIENT_CERTIFICATE)


def decide(facts: RequestFacts, route: Route, known: Known, now: datetime) -> Decision:
    """Decide a request on its route for what is known about the asker at `now`. Total: it never raises."""
    if known.fault is not None:
        return Refused(known.fault, route, problem=known.problem)
    if (contradicted := contradicted_method(facts, route)) is not None:
        return contradicted
    asked = PolicyInput(facts, known.identity, now, known.records)
    try:
        found = evaluate(route.policy, asked)
        return _cannot_tell(route, asked, found.problem) if found.problem else _judge(route, asked, found)
    except Exception as error:  # whatever it is, it must not let anybody pass
        return _cannot_tell(route, asked, repr(error))


def _judge(route: Route, asked: PolicyInput, found: Evaluation) -> Decision:
    if found.deny.value and not found.deny.reasons.isdisjoint(_CERTIFICATE):
        return _forbidden(route, asked, found.deny.reasons, by_rule=True)
    if asked.identity is None and found.needs_sign_in:
        return SignInNeeded(route, found.reasons)
    if not found.permits and asked.identity and (demand := step_up(route.policy, asked)) is not None:
        return StepUpNeeded(route, asked.identity, demand, found.reasons)
    if found.deny.value:
        return _forbidden(route, asked, found.deny.reasons, by_rule=True)
    if found.allow.value:
        return Allowed(route, asked.identity, found.allow.reasons)
    return _forbidden(route, asked, found.allow.reasons, by_rule=False)


def _cannot_tell(route: Route, asked: PolicyInput, why: str) -> Refused:
    problem = f"policy of route `{route.name}` cannot be evaluated: {why}"
    return Refused(RefusedFor.UNAVAILABLE, route, asked.identity, problem=problem)


def _forbidden(route: Route, asked: PolicyInput, reasons: frozenset[Reason], *, by_rule: bool) -> Refused:
    findings = (
        tuple((each.verdict.value, _spelt(each)) for each in explain(route.policy, asked))
        if route.show_error_details
        else ()
    )
    presented = asked.request.client_certificate
    wanted = not reasons.isdisjoint(_CERTIFICATE)
    return Refused(
        RefusedFor.CLIENT_CERTIFICATE if wanted else RefusedFor.FORBIDDEN,
        route,
        asked.identity,
        reasons,
        determined_by="deny" if by_rule else "default",
        findings=findings,
        problem=f"the client's certificate is not trusted: {presented.objection}"
        if wanted and presented is not None and presented.objection
        else "",
    )


def _spelt(finding: Finding) -> str:
    criterion = f"{finding.name}: {finding.data}" if finding.data else finding.name
    return criterion if finding.action == "allow" else f"deny {criterion}"
