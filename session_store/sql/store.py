"""The SQL store. Each method is one transaction, bounded in time, refused when its file is gone."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from sqlalchemy import ColumnElement, RowMapping, Select, Table, delete, func, insert, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from session_store.migrations.revisions import require_head
from session_store.records import (
    CHANGES_KEPT,
    Change,
    Handle,
    KnownSession,
    Selection,
    Session,
    SigningKey,
    Tokens,
    User,
)
from session_store.repository import Waker
from session_store.sealing import UnsealFailed
from session_store.sql import renewing, rows
from session_store.sql.dialects import insert_if_absent, one_writer
from session_store.sql.engine import WRITING
from session_store.sql.errors import in_time
from session_store.sql.feed import announce, save_user
from session_store.sql.file_guard import FileGuard
from session_store.sql.rewrapping import rewrap_sessions, rewrap_signing_keys
from session_store.sql.rows import Vault
from session_store.sql.tables import changes, handles, leases, sessions, signing_keys, used_once, users
from session_store.sql.waking import Polling

log = structlog.get_logger(__name__)

_KNOWN = select(sessions, users).join(users)
"""A session with its user."""


def _nobody(_session_id: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class SqlStore:
    """Sessions in SQLite or PostgreSQL. `session_store.open.open_store` builds it on a migrated database."""

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
            if await _first(connection, alive.with_for_update()) is None:
                return False
            await connection.execute(insert(handles).values(rows.handle_row(handle)))
            return True

    @in_time
    async def find_by_handle(self, token_hash: bytes, host: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.find_by_handle`."""
        opened = _KNOWN.add_columns(handles).join(handles).where(handles.c.token_hash == token_hash)
        async with self._reading() as connection:
            row = await _first(connection, opened)
        return self._known(row, now) if row and rows.handle_of(row).opens(host) else None

    @in_time
    async def find_session(self, session_id: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.find_session`."""
        async with self._reading() as connection:
            row = await _first(connection, _KNOWN.where(sessions.c.id == session_id))
        return self._known(row, now) if row else None

    @in_time
    async def touch(self, session_id: str, now: datetime, idle_end: datetime | None = None) -> None:
        """See `SessionStore.touch`."""
        seen_before = (sessions.c.id == session_id) & (sessions.c.last_seen < now) & renewing.alive(now)
        async with self._writing() as connection:
            await connection.execute(update(sessions).where(seen_before).values(last_seen=now, idle_end=idle_end))

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
        if provider_session is None and user_id is None:
            raise ValueError("sessions are ended by provider session or by user")
        named = (sessions.c.issuer == issuer) & (sessions.c.id != (spared or ""))
        if user_id is not None:
            named &= sessions.c.user_id == user_id
        if provider_session is not None:
            accepted = [provider_session] if user_id is None else [provider_session, ""]
            named &= sessions.c.provider_session.in_(accepted)
        async with self._writing() as connection:
            ended = await _end(connection, named, now)
        return self._told(ended)

    @in_time
    async def sessions_of(self, issuer: str, user_id: str, now: datetime, limit: int = 100) -> Sequence[KnownSession]:
        """See `SessionStore.sessions_of`."""
        named = (sessions.c.issuer == issuer) & (sessions.c.user_id == user_id) & renewing.alive(now)
        newest_first = _KNOWN.where(named).order_by(sessions.c.created.desc(), sessions.c.id.desc()).limit(limit)
        async with self._reading() as connection:
            found = (await connection.execute(newest_first)).mappings().all()
        return [known for row in found if (known := self._known(row, now))]

    @in_time
    async def select_sessions(
        self, which: Selection, now: datetime, limit: int = 500, after: str = ""
    ) -> Sequence[KnownSession]:
        """See `SessionStore.select_sessions`."""
        named = _meant(which) & renewing.alive(now) & (sessions.c.id > after)
        async with self._reading() as connection:
            found = (await connection.execute(_KNOWN.where(named).order_by(sessions.c.id).limit(limit))).mappings()
            return [self._ended(row) for row in found]

    @in_time
    async def end_selected(self, which: Selection, now: datetime, limit: int = 500) -> Sequence[KnownSession]:
        """See `SessionStore.end_selected`."""
        async with self._writing() as connection:
            some = select(sessions.c.id).join(users).where(_meant(which)).order_by(sessions.c.created).limit(limit)
            ids = (await connection.execute(some)).scalars().all()
            ended = await _end(connection, sessions.c.id.in_(ids), now)
        return self._told(ended)

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
            row = await _first(connection, _KNOWN.where(sessions.c.id == session_id))
        return self._known(row, now) if row else None

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

    @in_time
    async def hold_lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """See `SessionStore.hold_lease`."""
        free = (leases.c.name == name) & or_(leases.c.holder == holder, leases.c.until <= now)
        async with self._writing() as connection:
            if await insert_if_absent(connection, leases, {"name": name, "holder": holder, "until": until}):
                return True
            taken = update(leases).where(free).values(holder=holder, until=until)
            return (await connection.execute(taken)).rowcount == 1

    @in_time
    async def claim_once(self, purpose: str, value: str, expires: datetime, now: datetime) -> bool:
        """See `SessionStore.claim_once`."""
        if expires <= now:
            return False
        mark = {"purpose": purpose, "value_hash": sha256(value.encode()).digest(), "expires": expires}
        async with self._writing() as connection:
            return await insert_if_absent(connection, used_once, mark)

    @in_time
    async def signing_keys(self) -> Sequence[SigningKey]:
        """See `SessionStore.signing_keys`."""
        async with self._reading() as connection:
            return await self._signing_keys(connection)

    @in_time
    async def add_signing_key_if_none(self, key: SigningKey) -> Sequence[SigningKey]:
        """See `SessionStore.add_signing_key_if_none`."""
        async with self._writing() as connection:
            await one_writer(connection, signing_keys)
            if not await self._signing_keys(connection):
                await connection.execute(insert(signing_keys).values(rows.signing_key_row(key, self.vault)))
            return await self._signing_keys(connection)

    @in_time
    async def changes_since(self, sequence: int, limit: int = 1000) -> Sequence[Change]:
        """See `SessionStore.changes_since`."""
        behind = select(changes).where(changes.c.sequence > sequence).order_by(changes.c.sequence).limit(limit)
        async with self._reading() as connection:
            return [rows.change_of(row) for row in (await connection.execute(behind)).mappings()]

    @in_time
    async def latest_change(self) -> int:
        """See `SessionStore.latest_change`."""
        async with self._reading() as connection:
            return (await connection.execute(select(func.max(changes.c.sequence)))).scalar() or 0

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

    def _told(self, ended: Sequence[RowMapping]) -> Sequence[KnownSession]:
        """What ended sessions were, once everyone in this process has heard of it."""
        self._tell([row[sessions.c.id] for row in ended])
        return [self._ended(row) for row in ended]

    def _known(self, row: RowMapping, now: datetime) -> KnownSession | None:
        """The session of a row of `_KNOWN`, unless it has ended or its tokens do not open."""
        tokens = self._tokens(row)
        known = None if tokens is None else KnownSession(rows.session_of(row, tokens), rows.user_of(row))
        return known if known and known.session.ends > now else None

    def _ended(self, row: RowMapping) -> KnownSession:
        """What a session was; without its tokens where they do not open."""
        return KnownSession(rows.session_of(row, self._tokens(row) or Tokens()), rows.user_of(row))

    def _tokens(self, row: RowMapping) -> Tokens | None:
        """The tokens of a session's row; None when they were sealed with another secret, or were tampered with."""
        try:
            return rows.tokens_of(row, self.vault)
        except UnsealFailed:
            log.warning("session_not_openable", session=row[sessions.c.id])
            return None

    async def _signing_keys(self, connection: AsyncConnection) -> Sequence[SigningKey]:
        newest_first = select(signing_keys).order_by(signing_keys.c.created.desc(), signing_keys.c.kid.desc())
        kept = (await connection.execute(newest_first)).mappings()
        return [key for key in map(self._signing_key, kept) if key is not None]

    def _signing_key(self, row: RowMapping) -> SigningKey | None:
        """The key of a row; None when it was sealed with another secret: it is lost, and another must be made."""
        try:
            return rows.signing_key_of(row, self.vault)
        except UnsealFailed:
            log.warning("signing_key_not_openable", kid=row[signing_keys.c.kid])
            return None


async def _first(connection: AsyncConnection, statement: Select[Any]) -> RowMapping | None:
    found: RowMapping | None = (await connection.execute(statement)).mappings().first()
    return found


async def _end(connection: AsyncConnection, named: ColumnElement[bool], now: datetime) -> Sequence[RowMapping]:
    """Delete sessions with their handles, tell the change feed, and return their rows, oldest first."""
    oldest_first = _KNOWN.where(named).order_by(sessions.c.created, sessions.c.id)
    ended = (await connection.execute(oldest_first.with_for_update(of=sessions))).mappings().all()
    if not ended:
        return ended
    ids = [row[sessions.c.id] for row in ended]
    await connection.execute(delete(sessions).where(sessions.c.id.in_(ids)))  # their handles go with them
    await announce(connection, "session_revoked", ids, now)
    return ended


def _meant(which: Selection) -> ColumnElement[bool]:
    """The condition of a selection, for sessions joined with users."""
    meant: ColumnElement[bool] = true()
    if which.session_id is not None:
        meant &= sessions.c.id == which.session_id
    if which.user is not None:
        meant &= or_(users.c.id == which.user, users.c.email == which.user)
    if which.provider_id is not None:
        meant &= sessions.c.provider_id == which.provider_id
    return meant


async def _purge(connection: AsyncConnection, table: Table, expired: ColumnElement[bool], limit: int) -> int:
    """Delete up to `limit` rows; a subquery, because neither database limits a delete."""
    keys = tuple_(*table.primary_key)
    some = select(*table.primary_key).where(expired).limit(limit)
    return (await connection.execute(delete(table).where(keys.in_(some)))).rowcount
