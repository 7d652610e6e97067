"""What is remembered of bearer tokens, so that not every request asks the provider. Pure; time is an argument.

A good token is remembered for half a minute and never beyond its own end: so long may one go on that the provider has
revoked. A refused one is remembered for ten seconds, one that the provider failed on for two. Tokens are known by their
SHA-256 and all that was looked at. What is refused has a place of its own, so that nobody drives good tokens out with
made-up ones.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from extauthz.oidc.errors import ProviderUnavailable, Reason
from extauthz.oidc.vouched import Vouched

GOOD_FOR = timedelta(seconds=30)
REFUSED_FOR = timedelta(seconds=10)
FAILED_FOR = timedelta(seconds=2)
GOOD_CAPACITY = 10_000
REFUSED_CAPACITY = 20_000


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """A token that opens nothing."""

    reason: Reason
    """Why."""
    detail: str
    """For the operator; holds no secret."""


Outcome = Vouched | TokenRefused | ProviderUnavailable


@dataclass(slots=True)
class _Shelf:
    """Bounded; the oldest goes first."""

    capacity: int
    kept: dict[Hashable, tuple[datetime, Outcome]] = field(default_factory=dict)

    def put(self, key: Hashable, until: datetime, outcome: Outcome) -> None:
        self.kept.pop(key, None)
        while len(self.kept) >= self.capacity:
            del self.kept[next(iter(self.kept))]
        self.kept[key] = until, outcome

    def get(self, key: Hashable, now: datetime) -> Outcome | None:
        until, outcome = self.kept.get(key, (now, None))
        return outcome if now < until else None


@dataclass(slots=True)
class RememberedTokens:
    """Bounded."""

    _good: _Shelf = field(default_factory=lambda: _Shelf(GOOD_CAPACITY), repr=False)
    _refused: _Shelf = field(default_factory=lambda: _Shelf(REFUSED_CAPACITY), repr=False)

    def recall(self, key: Hashable, now: datetime) -> Outcome | None:
        """What is known of a token; None where it has to be found out."""
        return self._good.get(key, now) or self._refused.get(key, now)

    def remember(self, key: Hashable, outcome: Outcome, asked: datetime) -> None:
        """Keep what was found out by asking at this time."""
        match outcome:
            case Vouched(expires=None):
                self._good.put(key, asked + GOOD_FOR, outcome)
            case Vouched(expires=expires) if expires is not None:
                self._good.put(key, min(asked + GOOD_FOR, expires), outcome)
            case TokenRefused():
                self._refused.put(key, asked + REFUSED_FOR, outcome)
            case _:
                self._refused.put(key, asked + FAILED_FOR, outcome)
