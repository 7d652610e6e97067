"""How hard one provider may be asked about tokens, which anybody can make up. Time is an argument.

So many questions at once, and so many more that wait for their turn. While the provider is silent, one question is let
through per pause, which doubles from one second to thirty. An answer, even a bad one, ends the silence: otherwise one
token that makes a provider stumble would keep everybody else's out.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from extauthz.oidc.errors import NotAsked

AT_ONCE = 16
WAITING = 512
MAX_PAUSE_SECONDS = 30

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class ProviderGate:
    """The gate of one provider."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    """Questions at once."""
    inside: int = 0
    """Questions that are asked, or wait for their turn."""
    _failures: int = 0
    _closed_until: datetime = NEVER

    def enter(self, now: datetime) -> int:
        """Let a question in, which must `leave`, and return what `check_turn` wants to know; raises `NotAsked` where it
        must not be asked now.

        Behind a silence, whoever gets in is the one that tries again; the others wait for what comes of it.
        """
        if self.inside >= WAITING:
            raise NotAsked("too many bearer tokens are being verified at once")
        if now < self._closed_until:
            raise NotAsked("the provider did not answer a moment ago; it is asked again soon")
        if self._failures:
            self._close(now)
        self.inside += 1
        return self._failures

    def check_turn(self, entered: int) -> None:
        """Raise `NotAsked` if the provider has become silent while a question waited for its turn."""
        if self._failures > entered:
            raise NotAsked("the provider does not answer; it is asked again soon")

    def leave(self) -> None:
        """A question has come to its end."""
        self.inside -= 1

    def answered(self) -> None:
        """The provider has said something."""
        self._failures, self._closed_until = 0, NEVER

    def silent(self, now: datetime) -> None:
        """The provider has not answered."""
        self._failures += 1
        self._close(now)

    def _close(self, now: datetime) -> None:
        self._closed_until = now + timedelta(seconds=min(2 ** (self._failures - 1), MAX_PAUSE_SECONDS))
