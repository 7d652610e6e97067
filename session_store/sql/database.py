"""One database behind all tables: its transactions, bounded in time, refused when its file is gone."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping, Select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from session_store.migrations.revisions import require_head
from session_store.repository import Waker
from session_store.sql.engine import WRITING
from session_store.sql.errors import in_time
from session_store.sql.file_guard import FileGuard
from session_store.sql.rows import Vault
from session_store.sql.waking import Polling


def _nobody(_session_id: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Database:
    """What the parts of the SQL store share. Each of their methods is one transaction."""

    engine: AsyncEngine
    """Connections."""
    vault: Vault
    """Seals tokens and private keys at rest."""
    guard: FileGuard | None = None
    """Watches the database file; None for a database server."""
    writers: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)
    """Held by whoever writes: where a database has one writer, callers queue here in order, not there at random."""
    waker: Waker = field(default_factory=Polling)
    """Waits until the change feed may have grown."""
    heard: Callable[[str], None] = _nobody
    """Told of each session that this process sends to the change feed."""

    @in_time
    async def check(self) -> None:
        """See `SessionStore.check`."""
        async with self._reading() as connection:
            await connection.run_sync(require_head)

    async def close(self) -> None:
        """See `SessionStore.close`."""
        await self.waker.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        self._require_file()
        async with self.engine.begin() as connection:
            yield connection
        self._require_file()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        self._require_file()
        async with self.writers, self.engine.execution_options(**{WRITING: True}).begin() as connection:
            yield connection
        # a file that vanished meanwhile has taken what was written with it
        self._require_file()

    def _require_file(self) -> None:
        if self.guard:
            self.guard.require_present()

    def _tell(self, session_ids: Sequence[str]) -> None:
        for session_id in session_ids:
            self.heard(session_id)


async def first(connection: AsyncConnection, statement: Select[Any]) -> RowMapping | None:
    """The first row that a statement finds."""
    found: RowMapping | None = (await connection.execute(statement)).mappings().first()
    return found
