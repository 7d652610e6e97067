"""Following the store's change feed: what it names is forgotten here, be it by whichever process it was changed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from extauthz.session_memory import SessionMemory
from session_store.records import KEYS_CHANGED
from session_store.repository import SessionStore, StoreUnavailable, Waker

ANSWER_SECONDS = 0.5
"""How long the store may take; after that it counts as away."""
BATCH = 1000

log = structlog.get_logger(__name__)


def _nobody() -> None:
    """Nobody listens."""


@dataclass(slots=True)
class ChangeFeed:
    """The reader of one process; `run` it for as long as requests are answered."""

    store: SessionStore
    """Where changes are written."""
    waker: Waker
    """Waits for the next ones."""
    memory: SessionMemory
    """What has to forget."""
    clock: Callable[[], datetime]
    """Now, with zone UTC."""
    keys_changed: Callable[[], None] = _nobody
    """Told when the signing keys are others, or may be."""
    _position: int | None = None

    async def run(self) -> None:
        """Follow the feed until cancelled; a store that goes away and comes back is taken up again."""
        while True:
            await self.read()
            await self.waker.wait()

    async def read(self) -> None:
        """Read to the end of the feed; never fails."""
        began = self.clock()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._read()
        except (StoreUnavailable, TimeoutError) as error:
            self._lost(str(error) or f"no answer within {ANSWER_SECONDS:g} s")
        else:
            self.memory.fed(began)

    async def _read(self) -> None:
        if self._position is None:
            # Where the feed was interrupted, entries can have been missed, and after a failover numbers given twice.
            self._position = await self.store.latest_change()
            self.memory.forget_all()
            self.keys_changed()
            log.info("change_feed_followed", position=self._position)
        while changes := await self.store.changes_since(self._position, BATCH):
            for change in changes:
                if change.kind == KEYS_CHANGED:
                    self.keys_changed()
                else:
                    self.memory.forget(change.subject)
            self._position = changes[-1].sequence

    def _lost(self, reason: str) -> None:
        if not self.memory.store_away:
            meaning = "known sessions go on for `store_grace`, nobody can sign in"
            log.warning("store_away", reason=reason, meaning=meaning)
        self._position = None
        self.memory.cut()
