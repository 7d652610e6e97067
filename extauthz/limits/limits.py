"""The limits of one process: its buckets, and the tokens that are known to be good. No I/O; time is an argument."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from access_model.forwarding import RateLimit
from access_model.reserved_headers import CREDENTIAL_HEADER
from extauthz.limits.buckets import Attempt, Buckets

TOKENS_KEPT = 20_000
GOOD_FOR = timedelta(hours=1)
"""How long a token that was accepted counts as a good one; what it opens is looked up every time all the same."""


class TooManyAttempts(Exception):
    """This client has to wait before its next attempt."""

    code = "too-many-attempts"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait for {wait.total_seconds():.0f} s")
        self.wait = wait


@dataclass(slots=True)
class Limits:
    """Attempts are taken from `buckets`; tokens in headers are counted when they open nothing.

    Where too many of a client's tokens did, the next one is not looked up, unless that very token was accepted lately:
    a program goes on while another one behind the same address guesses.
    """

    buckets: Buckets = field(default_factory=Buckets)
    """Who has tried how often."""
    _accepted: dict[bytes, datetime] = field(default_factory=dict, repr=False)

    def wait_for_token(
        self, token: bytes | None, client: str | None, limit: RateLimit, now: datetime
    ) -> timedelta | None:
        """How long until a presented token (`presented_token`) may be looked up; None where it may now."""
        if token is None or self._accepted.get(token, now) > now:
            return None
        return self.buckets.wait(Attempt.TOKEN, client, limit, now)

    def accepted(self, token: bytes | None, now: datetime) -> None:
        """A presented token was good."""
        if token is None:
            return
        self._accepted.pop(token, None)
        while len(self._accepted) >= TOKENS_KEPT:
            del self._accepted[next(iter(self._accepted))]
        self._accepted[token] = now + GOOD_FOR

    def failed(self, token: bytes | None, client: str | None, limit: RateLimit, now: datetime) -> None:
        """A presented token opened nothing."""
        if token is not None:
            self._accepted.pop(token, None)
            self.buckets.take(Attempt.TOKEN, client, limit, now)


def presented_token(headers: Mapping[str, Sequence[str]], host: str) -> bytes | None:
    """A name for what a program presents in headers on a host, a hash that tells nothing of it; None for no token."""
    values = [*headers.get(CREDENTIAL_HEADER, ()), *headers.get("authorization", ())]
    return sha256("\0".join((host, *values)).encode("utf-8", "replace")).digest() if values else None
