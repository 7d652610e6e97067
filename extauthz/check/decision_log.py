"""One line per `Check`: who asked for what, what came of it, and why. No query, no credential, no header."""

from dataclasses import dataclass

import structlog

from access_model.model import Route
from extauthz.check.answer import Answer, Pass
from extauthz.check.client import Client
from extauthz.check.malformed import Malformed
from extauthz.decide import Allowed, Decision, Question, Refused, RefusedFor, SignInNeeded, StepUpNeeded

OWN_ENDPOINT = "own-endpoint"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """A request with its answer and what led to it."""

    answer: Answer
    """What goes back to Envoy."""
    decision: Decision | None
    """What was decided; None where one of our own endpoints answered."""
    user: str = ""
    """User id, where somebody is known."""
    session: str = ""
    """Public id of the session."""


def log_decision(asked: Question | Malformed, settled: Settled, duration_ms: float) -> None:
    """Write the line."""
    decision = settled.decision
    route: Route | None = None if decision is None else decision.route
    facts = None if isinstance(asked, Malformed) else asked.facts
    problem = decision.problem if isinstance(decision, Refused) else ""
    write = log.warning if isinstance(decision, Refused) and decision.kind is RefusedFor.UNAVAILABLE else log.info
    write(
        "decision",
        request_id=Client.of(asked).request_id,
        route_id=route.id if route else "",
        user=settled.user,
        session=settled.session,
        decision=_word(decision),
        reasons=sorted(decision.reasons) if decision else [],
        status=0 if isinstance(settled.answer, Pass) else settled.answer.status,
        method=Client.of(asked).method,
        host=facts.host if facts else "",
        path=facts.path if facts else "",
        client=str(facts.client_address or "") if facts else "",
        duration_ms=round(duration_ms, 3),
        **({"problem": problem} if problem else {}),
    )


def _word(decision: Decision | None) -> str:
    match decision:
        case None:
            return OWN_ENDPOINT
        case Allowed():
            return "allow"
        case SignInNeeded():
            return "sign-in"
        case StepUpNeeded():
            return "step-up"
        case Refused(kind):
            return str(kind)
