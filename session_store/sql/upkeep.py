"""Looking after the tables: sealing anew, and deleting what has expired."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from session_store.records import CHANGES_KEPT
from session_store.sql import renewing
from session_store.sql.database import Database
from session_store.sql.errors import in_time
from session_store.sql.rewrapping import rewrap_sessions, rewrap_signing_keys
from session_store.sql.tables import changes, sessions, used_once


class Upkeep(Database):
    """Chores, in small batches."""

    __slots__ = ()

    @in_time
    async def rewrap(self, limit: int = 200) -> int:
        """See `SessionStore.rewrap`."""
        async with self._writing() as connection:
            return await rewrap_sessions(connection, self.vault, limit) + await rewrap_signing_keys(
                connection, self.vault, limit
            )

    @in_time
    async def purge(self, now: datetime, limit: int = 500) -> int:
        """See `SessionStore.purge`."""
        async with self._writing() as connection:
            return (
                await _purge(connection, sessions, renewing.over(now), limit)
                + await _purge(connection, used_once, used_once.c.expires <= now, limit)
                + await _purge(connection, changes, changes.c.at <= now - CHANGES_KEPT, limit)
            )


async def _purge(connection: AsyncConnection, table: Table, expired: ColumnElement[bool], limit: int) -> int:
    """Delete up to `limit` rows; a subquery, because neither database limits a delete. What somebody works on is left
    for another time, so that nobody is waited for (SQLite has one writer anyway)."""
    keys = tuple_(*table.primary_key)
    some = select(*table.primary_key).where(expired).limit(limit).with_for_update(skip_locked=True)
    return (await connection.execute(delete(table).where(keys.in_(some)))).rowcount
