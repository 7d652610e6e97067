"""One line per `Check`: who asked for what, what came of it, and why. No credential; a query or header if chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from access_model.facts import Identity
from extauthz.check.answer import Answer, Pass
from extauthz.check.client import Client
from extauthz.check.decision_fields import Told, chosen
from extauthz.check.malformed import Malformed
from extauthz.decide import Allowed, Decision, Question, Refused, RefusedFor, SignInNeeded, StepUpNeeded

OWN_ENDPOINT = "own-endpoint"
OURS = {
    "request_id": "request-id",
    "user": "user",
    "session": "session-id",
    "method": "method",
    "host": "host",
    "path": "path",
    "client": "ip",
}
"""Our own choice: name in the line to field."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """A request with its answer and what led to it."""

    answer: Answer
    """What goes back to Envoy."""
    decision: Decision | None
    """What was decided; None where one of our own endpoints answered."""
    identity: Identity | None = None
    """Who asked, where somebody is known."""


def log_decision(asked: Question | Malformed, settled: Settled, duration_ms: float, fields: Sequence[str] = ()) -> None:
    """Write the line: what was decided, and of the request our own choice of fields, or these."""
    decision = settled.decision
    route = None if decision is None else decision.route
    told = Told(Client.of(asked), None if isinstance(asked, Malformed) else asked.facts, route, settled.identity)
    problem = decision.problem if isinstance(decision, Refused) else ""
    write = log.warning if isinstance(decision, Refused) and decision.kind is RefusedFor.UNAVAILABLE else log.info
    write(
        "decision",
        route_id=route.id if route else "",
        decision=_word(decision),
        reasons=sorted(decision.reasons) if decision else [],
        status=0 if isinstance(settled.answer, Pass) else settled.answer.status,
        duration_ms=round(duration_ms, 3),
        **({"problem": problem} if problem else {}),
        **({name: chosen(name, told) for name in fields} if fields else _our_choice(told)),
    )


def _our_choice(told: Told) -> dict[str, object]:
    return {ours: chosen(name, told) for ours, name in OURS.items()}


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
