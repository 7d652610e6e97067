"""Guarding the lookup of tokens: who presents many that open nothing is told to wait, before anything is asked."""

from dataclasses import dataclass
from datetime import timedelta

from access_model.model import Route
from extauthz.bearer import read_bearer
from extauthz.check.case import Case
from extauthz.check.decision_log import Settled
from extauthz.credentials import Presented, Source, read_credential
from extauthz.decide import Decision, Needs, Refused, RefusedFor, needs
from extauthz.limits import Limits, client_of, presented_token

_NOT_LOOKED_UP = (RefusedFor.CONFLICTING_CREDENTIALS, RefusedFor.TWO_CREDENTIALS)


@dataclass(frozen=True, slots=True)
class TokenGuard:
    """The token in the headers of one request, if there is one that its route has looked up.

    What stands there for the upstream, or beside the cookie that counts, is none: other people behind the same address
    are not kept from what costs us nothing.
    """

    limits: Limits
    """What is known of clients and tokens."""
    case: Case
    """The request."""
    route: Route
    """Its route."""

    def wait(self) -> timedelta | None:
        """How long the client has to wait; None where it need not."""
        case = self.case
        client, limit = client_of(case.facts.client_address), case.current.model.token_failure_limit
        return self.limits.wait_for_token(self._token(), client, limit, case.now)

    def note(self, settled: Settled) -> None:
        """Remember what came of it."""
        case = self.case
        client, limit = client_of(case.facts.client_address), case.current.model.token_failure_limit
        if settled.identity is not None:
            self.limits.accepted(self._token(), case.now)
        elif _looked_up(settled.decision):
            self.limits.failed(self._token(), client, limit, case.now)

    def _token(self) -> bytes | None:
        headers = self.case.facts.headers
        if self._is_ours() or read_bearer(headers, self.route) is not None:
            return presented_token(headers, self.case.facts.host)
        return None

    def _is_ours(self) -> bool:
        """Whether a credential of ours stands in a header, and is the one that counts."""
        if needs(self.route) is Needs.NOTHING:
            return False
        credential = read_credential(self.case.facts.headers, self.case.current.model.cookie)
        return isinstance(credential, Presented) and credential.source is not Source.COOKIE


def _looked_up(decision: Decision | None) -> bool:
    """Whether the credentials were looked at, and not refused for standing side by side."""
    return not (isinstance(decision, Refused) and decision.kind in _NOT_LOOKED_UP)
