"""Renewing sessions: who may, and what came of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from session_store.records import KnownSession, Session, User
from session_store.sql import renewing, rows
from session_store.sql.database import Database, first
from session_store.sql.errors import in_time
from session_store.sql.feed import announce, save_user
from session_store.sql.known import KNOWN, known_session
from session_store.sql.tables import sessions


class Renewals(Database):
    """The right to renew, and its use."""

    __slots__ = ()

    @in_time
    async def sessions_due(self, now: datetime, active_since: datetime, limit: int = 100) -> Sequence[str]:
        """See `SessionStore.sessions_due`."""
        async with self._reading() as connection:
            return [row.id for row in await connection.execute(renewing.due(now, active_since, limit))]

    @in_time
    async def claim_renewal(self, session_id: str, now: datetime, until: datetime) -> KnownSession | None:
        """See `SessionStore.claim_renewal`."""
        async with self._writing() as connection:
            if (await connection.execute(renewing.claim(session_id, now, until))).rowcount == 0:
                return None
            row = await first(connection, KNOWN.where(sessions.c.id == session_id))
        return known_session(row, self.vault, now) if row else None

    @in_time
    async def save_renewal(self, session: Session, user: User, now: datetime, until: datetime | None = None) -> bool:
        """See `SessionStore.save_renewal`."""
        same = (sessions.c.id == session.id) & (sessions.c.version == session.version)
        row = {**rows.renewal_row(session, self.vault), "version": session.version + 1, "renewing_until": until}
        async with self._writing() as connection:
            if (await connection.execute(update(sessions).where(same).values(row))).rowcount == 0:
                return False
            theirs = await save_user(connection, user) or [session.id]
            await announce(connection, "session_changed", theirs, now)
        self._tell(theirs)
        return True
