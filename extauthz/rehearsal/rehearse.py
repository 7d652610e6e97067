"""A request decided as if it had come through Envoy, with the reasons taken apart."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from access_model.explanation import Explanation, explain_policy
from access_model.facts import RequestFacts
from access_model.model import AccessModel, Route
from access_model.policy import PolicyInput, Reason
from extauthz.decide import (
    Allowed,
    Decision,
    Known,
    Question,
    Refused,
    RefusedFor,
    SignInNeeded,
    StepUpNeeded,
    choose_route,
    decide,
)
from extauthz.own_endpoints import own_path_at
from extauthz.step_up import words


class Outcome(StrEnum):
    """What a client would meet."""

    ALLOW = "allow"
    """The request reaches its upstream."""
    DENY = "deny"
    """403."""
    CERTIFICATE = "certificate"
    """495: a client certificate is wanted, and none is shown, or none that is trusted."""
    LOGIN = "login"
    """A browser is sent to sign in, other clients get 401."""
    NO_ROUTE = "no-route"
    """404: nothing is served there."""
    REFUSED = "refused"
    """400 or 401: the request can be read in more than one way."""
    CANNOT_TELL = "cannot-tell"
    """503: the policy cannot be evaluated."""
    OWN = "own-endpoint"
    """The proxy itself answers."""


_REFUSALS = {
    RefusedFor.FORBIDDEN: Outcome.DENY,
    RefusedFor.CLIENT_CERTIFICATE: Outcome.CERTIFICATE,
    RefusedFor.NO_ROUTE: Outcome.NO_ROUTE,
    RefusedFor.UNAVAILABLE: Outcome.CANNOT_TELL,
}


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would happen to a request, and why."""

    facts: RequestFacts
    """The request."""
    known: Known
    """Who asks, and the external data."""
    outcome: Outcome
    """What the client would meet."""
    route: Route | None = None
    """The route it would take."""
    source: str = ""
    """Where that route was written, as `file:line`."""
    reasons: tuple[Reason, ...] = ()
    """The reasons of the decision, sorted."""
    problem: str = ""
    """Why it is refused, or cannot be told, where that is not the policy's saying."""
    explanation: Explanation | None = None
    """The route's policy, taken apart; None where there is no route."""


def rehearse(facts: RequestFacts, known: Known, model: AccessModel, now: datetime) -> Rehearsal:
    """Decide a request of somebody at a moment; its client certificate has been judged before. Total."""
    if own_path_at(model, facts.host, facts.raw_path) is not None:
        return Rehearsal(facts, known, Outcome.OWN)
    route = choose_route(Question(facts, route_id=None), model)
    if isinstance(route, Refused):
        source = model.source_of(route.route) if route.route else ""
        return Rehearsal(facts, known, _outcome(route), route.route, source, problem=route.problem)
    decision = decide(facts, route, known, now)
    return Rehearsal(
        facts,
        known,
        _outcome(decision),
        route,
        model.source_of(route),
        reasons=tuple(sorted(decision.reasons)),
        problem=_problem(decision),
        explanation=explain_policy(route.policy, PolicyInput(facts, known.identity, now, known.records)),
    )


def _problem(decision: Decision) -> str:
    match decision:
        case Refused():
            return decision.problem
        case StepUpNeeded():
            return f"a better sign-in is asked for: {words(decision.demand)}"
    return ""


def _outcome(decision: Decision) -> Outcome:
    match decision:
        case Allowed():
            return Outcome.ALLOW
        case SignInNeeded() | StepUpNeeded():
            return Outcome.LOGIN
        case Refused(kind):
            return _REFUSALS.get(kind, Outcome.REFUSED)
