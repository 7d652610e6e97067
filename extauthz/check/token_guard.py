"""Guarding the lookup of tokens: who presents many that open nothing is told to wait, before anything is asked."""

from dataclasses import dataclass
from datetime import timedelta

from extauthz.check.case import Case
from extauthz.check.decision_log import Settled
from extauthz.credentials import presents_ours
from extauthz.decide import Decision, Needs, Refused, RefusedFor, SignInNeeded, needs
from extauthz.limits import Limits, client_of, presented_token


@dataclass(frozen=True, slots=True)
class TokenGuard:
    """The tokens in the headers of one request."""

    limits: Limits
    """What is known of clients and tokens."""
    case: Case
    """The request."""

    def wait(self) -> timedelta | None:
        """How long the client has to wait; None where it need not."""
        case = self.case
        client, limit = client_of(case.facts.client_address), case.current.model.token_failure_limit
        return self.limits.wait_for_token(self._token(), client, limit, case.now)

    def note(self, settled: Settled) -> None:
        """Remember what came of it."""
        case = self.case
        client, limit = client_of(case.facts.client_address), case.current.model.token_failure_limit
        if settled.user:
            self.limits.accepted(self._token(), case.now)
        elif self._opened_nothing(settled):
            self.limits.failed(self._token(), client, limit, case.now)

    def _opened_nothing(self, settled: Settled) -> bool:
        """Whether a token was looked up in vain, also where a stranger may pass; where none is looked up, who knows."""
        decision = settled.decision
        if isinstance(decision, SignInNeeded) or _is_refused_token(decision):
            return True
        looked_up = decision is not None and decision.route is not None and needs(decision.route) is not Needs.NOTHING
        return looked_up and presents_ours(self.case.facts.headers)

    def _token(self) -> bytes | None:
        return presented_token(self.case.facts.headers, self.case.facts.host)


def _is_refused_token(decision: Decision | None) -> bool:
    return isinstance(decision, Refused) and decision.kind is RefusedFor.INVALID_TOKEN
