"""Sessions: made by signing in, found by cookies, used, and listed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, insert, or_, select, true, update

from session_store.records import Handle, KnownSession, Selection, Session, User
from session_store.sql import renewing, rows
from session_store.sql.database import Database, first
from session_store.sql.errors import in_time
from session_store.sql.feed import announce, save_user
from session_store.sql.known import KNOWN, ended_session, known_session
from session_store.sql.tables import handles, sessions, users


class Sessions(Database):
    """Sessions and their handles."""

    __slots__ = ()

    @in_time
    async def save_sign_in(self, session: Session, user: User, handle: Handle) -> None:
        """See `SessionStore.save_sign_in`."""
        async with self._writing() as connection:
            theirs = await save_user(connection, user)
            await announce(connection, "session_changed", theirs, session.created)
            await connection.execute(insert(sessions).values(rows.session_row(session, self.vault)))
            await connection.execute(insert(handles).values(rows.handle_row(handle)))
        self._tell(theirs)

    @in_time
    async def add_handle(self, handle: Handle) -> bool:
        """See `SessionStore.add_handle`."""
        named = sessions.c.id == handle.session_id
        alive = select(sessions.c.id).where(named, renewing.alive(handle.created))
        async with self._writing() as connection:
            # the row is locked, so that an end that comes now takes the new handle with it
            if await first(connection, alive.with_for_update()) is None:
                return False
            await connection.execute(insert(handles).values(rows.handle_row(handle)))
            return True

    @in_time
    async def find_by_handle(self, token_hash: bytes, host: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.find_by_handle`."""
        opened = KNOWN.add_columns(handles).join(handles).where(handles.c.token_hash == token_hash)
        async with self._reading() as connection:
            row = await first(connection, opened)
        return known_session(row, self.vault, now) if row and rows.handle_of(row).opens(host) else None

    @in_time
    async def find_session(self, session_id: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.find_session`."""
        async with self._reading() as connection:
            row = await first(connection, KNOWN.where(sessions.c.id == session_id))
        return known_session(row, self.vault, now) if row else None

    @in_time
    async def touch(self, session_id: str, now: datetime, idle_end: datetime | None = None) -> None:
        """See `SessionStore.touch`."""
        seen_before = (sessions.c.id == session_id) & (sessions.c.last_seen < now) & renewing.alive(now)
        async with self._writing() as connection:
            await connection.execute(update(sessions).where(seen_before).values(last_seen=now, idle_end=idle_end))

    @in_time
    async def sessions_of(self, issuer: str, user_id: str, now: datetime, limit: int = 100) -> Sequence[KnownSession]:
        """See `SessionStore.sessions_of`."""
        named = (sessions.c.issuer == issuer) & (sessions.c.user_id == user_id) & renewing.alive(now)
        newest_first = KNOWN.where(named).order_by(sessions.c.created.desc(), sessions.c.id.desc()).limit(limit)
        async with self._reading() as connection:
            found = (await connection.execute(newest_first)).mappings().all()
        return [known for row in found if (known := known_session(row, self.vault, now))]

    @in_time
    async def select_sessions(
        self, which: Selection, now: datetime, limit: int = 500, after: str = ""
    ) -> Sequence[KnownSession]:
        """See `SessionStore.select_sessions`."""
        named = meant(which) & renewing.alive(now) & (sessions.c.id > after)
        async with self._reading() as connection:
            found = (await connection.execute(KNOWN.where(named).order_by(sessions.c.id).limit(limit))).mappings()
            return [ended_session(row, self.vault) for row in found]


def meant(which: Selection) -> ColumnElement[bool]:
    """The condition of a selection, for sessions joined with users."""
    meant: ColumnElement[bool] = true()
    if which.session_id is not None:
        meant &= sessions.c.id == which.session_id
    if which.user is not None:
        meant &= or_(users.c.id == which.user, users.c.email == which.user)
    if which.provider_id is not None:
        meant &= sessions.c.provider_id == which.provider_id
    return meant
