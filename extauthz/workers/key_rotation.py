"""Exchanging the key that signs assertions when its time has come, once for all processes that share a store."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from access_model.model import AssertionSettings
from extauthz.assertion.rotation import kept_up
from extauthz.workers.lease import Lease
from session_store.records import KeyPhase, SigningKey
from session_store.repository import StoreUnavailable

CHORE = "key rotation"
ROUND_SECONDS = 15.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """Works while it holds the lease. What it changes reaches every process over the change feed."""

    lease: Lease
    """The right to this chore (`CHORE`), and the store."""
    settings: Callable[[], AssertionSettings]
    """How long a key signs. Where the operator gives keys, those of the store are left alone."""
    fresh: Callable[[datetime], SigningKey]
    """Makes a key."""

    async def run(self) -> None:
        """Work until cancelled; a store that is away is waited for."""
        while True:
            try:
                await self.round()
            except StoreUnavailable as error:
                log.info("key_rotation_paused", reason=str(error), meaning="the current key goes on signing")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Bring the keys to where they should be now, if this process holds the lease. Raises `StoreUnavailable`."""
        if self.settings().signing_key is not None or not await self.lease.held():
            return
        before = await self.lease.store.signing_keys()
        if self._due(before) == before:
            return  # no transaction that locks, as a rule
        after = await self.lease.store.change_signing_keys(self._due, self.lease.clock())
        log.info("signing_keys_changed", **{phase: _kids(after, phase) for phase in KeyPhase})

    def _due(self, keys: Sequence[SigningKey]) -> Sequence[SigningKey]:
        now = self.lease.clock()
        return kept_up(keys, now, lambda: self.fresh(now), self.settings().key_rotation)


def _kids(keys: Sequence[SigningKey], phase: KeyPhase) -> list[str]:
    return [key.kid for key in keys if key.phase is phase]
