"""Waiting until the change feed may have grown: told by the database where it can, looking again soon otherwise."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from session_store.sql.errors import reason
from session_store.sql.feed import CHANNEL

POLL_SECONDS = 0.25
"""How long nobody looks where nobody is told."""
LISTEN_SECONDS = 0.5
"""How long nobody looks where everybody is told: a notification can get lost with its connection."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Polling:
    """Looks again and again; for a database that tells nobody."""

    async def wait(self) -> None:
        """See `Waker.wait`."""
        await asyncio.sleep(POLL_SECONDS)

    async def close(self) -> None:
        """See `Waker.close`; nothing is held."""


@dataclass(slots=True)
class Listening:
    """`LISTEN` on a PostgreSQL connection of its own; without that connection it polls, and tries to get it back."""

    engine: AsyncEngine
    """Where the connection comes from."""
    _connection: AsyncConnection | None = field(default=None, repr=False)

    async def wait(self) -> None:
        """See `Waker.wait`."""
        try:
            async with asyncio.timeout(LISTEN_SECONDS * 2):
                await self._wait()
        except Exception as error:  # the driver's own errors come as they are, and a follower must never end
            log.debug("change_feed_not_listening", reason=reason(error), meaning="changes are polled for")
            await self.close()
            await asyncio.sleep(POLL_SECONDS)

    async def close(self) -> None:
        """See `Waker.close`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                async with asyncio.timeout(LISTEN_SECONDS):
                    await connection.invalidate()
                    await connection.close()
            except Exception as error:
                log.debug("change_feed_connection_lost", reason=reason(error))

    async def _wait(self) -> None:
        if self._connection is None:
            self._connection = await self._listen()
        driver = await self._driver(self._connection)
        async for _ in driver.notifies(timeout=LISTEN_SECONDS, stop_after=1):
            return

    async def _listen(self) -> AsyncConnection:
        connection = await self.engine.execution_options(isolation_level="AUTOCOMMIT").connect()
        await connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        return connection

    async def _driver(self, connection: AsyncConnection) -> Any:
        return (await connection.get_raw_connection()).driver_connection
