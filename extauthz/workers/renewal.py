"""Renewing sessions ahead of time, so that no request has to wait for a provider."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from extauthz.refresh.renewals import Renewals
from extauthz.workers.lease import Lease
from session_store.repository import SessionStore, StoreUnavailable

CHORE = "renewal"
ROUND_SECONDS = 5.0
ACTIVE = timedelta(minutes=15)
"""Whose last use lies further back need not have a profile of today; their tokens are kept alive all the same."""
AT_ONCE = 8
BATCH = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RenewalWorker:
    """Works while it holds the lease, so that of several processes one asks the store what is due."""

    store: SessionStore
    """Sessions and leases."""
    renewals: Renewals
    """Renews."""
    lease: Lease
    """The right to this chore (`CHORE`)."""
    clock: Callable[[], datetime]
    """Now, with zone UTC."""

    async def run(self) -> None:
        """Work until cancelled; a store that is away is waited for."""
        while True:
            try:
                await self.round()
            except StoreUnavailable as error:
                log.info("renewal_paused", reason=str(error), meaning="requests renew their sessions themselves")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> int:
        """Renew what is due, a few at once, if this process holds the lease; return how many. Raises
        `StoreUnavailable`."""
        renewed = 0
        while await self.lease.held():
            now = self.clock()
            due = await self.store.sessions_due(now, now - ACTIVE, BATCH)
            await self._renew(due)
            renewed += len(due)
            if len(due) < BATCH:
                break
        return renewed

    async def _renew(self, session_ids: Sequence[str]) -> None:
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(session_id: str) -> None:
            async with limit:
                await self.renewals.renew(session_id)

        async with asyncio.TaskGroup() as group:
            for session_id in session_ids:
                group.create_task(one(session_id))
