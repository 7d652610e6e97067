"""Deleting what has expired from the store, in batches so small that nobody waits for a lock."""

import asyncio
from dataclasses import dataclass

import structlog

from extauthz.workers.lease import Lease
from session_store.repository import StoreUnavailable

CHORE = "purge"
ROUND_SECONDS = 300.0
PAUSE_SECONDS = 0.05
"""Between two batches, so that others come in."""
BATCH = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PurgeWorker:
    """Works while it holds the lease: of several processes one deletes."""

    lease: Lease
    """The right to this chore (`CHORE`), and the store."""

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.round()
            except StoreUnavailable as error:
                meaning = "expired sessions stay in the store a little longer"
                log.warning("purge_failed", reason=str(error), meaning=meaning)
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> int:
        """Delete all that has expired, if this process holds the lease; return how many rows. Raises
        `StoreUnavailable`."""
        deleted = 0
        while await self.lease.held():
            batch = await self.lease.store.purge(self.lease.clock(), BATCH)
            deleted += batch
            if batch == 0:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        return deleted
