"""Ending sessions: their rows and handles go, and everyone who remembers them is told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from session_store.records import KnownSession, Selection, accepted_provider_sessions
from session_store.sql.database import Database
from session_store.sql.errors import in_time
from session_store.sql.feed import announce
from session_store.sql.finding import meant
from session_store.sql.known import KNOWN, ended_session
from session_store.sql.tables import sessions, users


class Endings(Database):
    """What ends sessions."""

    __slots__ = ()

    @in_time
    async def end_session(self, session_id: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.end_session`."""
        named = sessions.c.id == session_id
        async with self._writing() as connection:
            ended = await _end(connection, named, now)
        return next(iter(self._told(ended)), None)

    @in_time
    async def end_sessions(
        self,
        issuer: str,
        now: datetime,
        *,
        provider_session: str | None = None,
        user_id: str | None = None,
        spared: str | None = None,
    ) -> Sequence[KnownSession]:
        """See `SessionStore.end_sessions`."""
        accepted = accepted_provider_sessions(provider_session, user_id)
        named = (sessions.c.issuer == issuer) & (sessions.c.id != (spared or ""))
        if user_id is not None:
            named &= sessions.c.user_id == user_id
        if accepted is not None:
            named &= sessions.c.provider_session.in_(accepted)
        async with self._writing() as connection:
            ended = await _end(connection, named, now)
        return self._told(ended)

    @in_time
    async def end_selected(self, which: Selection, now: datetime, limit: int = 500) -> Sequence[KnownSession]:
        """See `SessionStore.end_selected`."""
        async with self._writing() as connection:
            some = select(sessions.c.id).join(users).where(meant(which)).order_by(sessions.c.created).limit(limit)
            ids = (await connection.execute(some)).scalars().all()
            ended = await _end(connection, sessions.c.id.in_(ids), now)
        return self._told(ended)

    def _told(self, ended: Sequence[RowMapping]) -> Sequence[KnownSession]:
        """What ended sessions were, once everyone in this process has heard of it."""
        self._tell([row[sessions.c.id] for row in ended])
        return [ended_session(row, self.vault) for row in ended]


async def _end(connection: AsyncConnection, named: ColumnElement[bool], now: datetime) -> Sequence[RowMapping]:
    """Delete sessions with their handles, tell the change feed, and return their rows, oldest first."""
    oldest_first = KNOWN.where(named).order_by(sessions.c.created, sessions.c.id)
    ended = (await connection.execute(oldest_first.with_for_update(of=sessions))).mappings().all()
    if not ended:
        return ended
    ids = [row[sessions.c.id] for row in ended]
    await connection.execute(delete(sessions).where(sessions.c.id.in_(ids)))  # their handles go with them
    await announce(connection, "session_revoked", ids, now)
    return ended
