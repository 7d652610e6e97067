"""Counting attempts: a bucket of tokens for each client, in bounded memory. No I/O; time is an argument.

Rules. A bucket begins full (`burst`) and fills again evenly. An attempt takes one token; where there is none, it waits.
What turns out well may give its tokens back, so that a house full of people behind one address is not counted for
what it succeeds in. Nobody's attempts are counted against somebody else: a client without a known address is not
counted at all. When there are too many buckets, the one goes that was used longest ago.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from access_model.forwarding import RateLimit

CAPACITY = 50_000


class Attempt(StrEnum):
    """What is counted, each by itself."""

    SIGN_IN = "sign-in"
    """A step of a sign-in."""
    LOGOUT = "logout"
    """An identity provider's order to sign somebody out."""
    TOKEN = "token"  # noqa: S105 - a word for logs
    """A token in a header that opens nothing."""


@dataclass(slots=True)
class Buckets:
    """The buckets of one process."""

    capacity: int = CAPACITY
    """Most buckets."""
    _levels: dict[tuple[Attempt, str], tuple[float, datetime]] = field(default_factory=dict, repr=False)

    def wait(self, attempt: Attempt, client: str | None, limit: RateLimit, now: datetime) -> timedelta | None:
        """How long until one more is possible; None where it is now. Nothing is taken."""
        if client is None or (level := self._level(attempt, client, limit, now)) >= 1:
            return None
        return (1 - level) * limit.interval / limit.requests

    def take(self, attempt: Attempt, client: str | None, limit: RateLimit, now: datetime) -> timedelta | None:
        """Take a token and return None; or take nothing, and return how long until there is one."""
        wait = self.wait(attempt, client, limit, now)
        if wait is None and client is not None:
            self._put(attempt, client, self._level(attempt, client, limit, now) - 1, now)
        return wait

    def give_back(self, attempt: Attempt, client: str | None, limit: RateLimit, now: datetime, count: int) -> None:
        """Put tokens back; a bucket never holds more than its burst."""
        if client is not None and count > 0:
            level = self._level(attempt, client, limit, now) + count
            self._put(attempt, client, min(level, float(limit.burst)), now)

    def _level(self, attempt: Attempt, client: str, limit: RateLimit, now: datetime) -> float:
        level, since = self._levels.get((attempt, client), (float(limit.burst), now))
        passed = max(now - since, timedelta(0))
        return min(level + passed / limit.interval * limit.requests, float(limit.burst))

    def _put(self, attempt: Attempt, client: str, level: float, now: datetime) -> None:
        self._levels.pop((attempt, client), None)
        while len(self._levels) >= self.capacity:
            del self._levels[next(iter(self._levels))]
        self._levels[attempt, client] = (level, now)
