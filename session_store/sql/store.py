"""The SQL store. Each method is one transaction, bounded in time, refused when its file is gone."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from sqlalchemy import ColumnElement, RowMapping, Select, Table, delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from session_store.migrations.revisions import require_head
from session_store.records import CHANGES_KEPT, Change, Handle, KnownSession, Session, SigningKey, Tokens, User
from session_store.sealing import UnsealFailed
from session_store.sql import rows
from session_store.sql.dialects import insert_if_absent, one_writer, upsert
from session_store.sql.engine import WRITING
from session_store.sql.errors import in_time
from session_store.sql.file_guard import FileGuard
from session_store.sql.rows import Vault
from session_store.sql.tables import changes, handles, sessions, signing_keys, used_once, users

log = structlog.get_logger(__name__)

_KNOWN = select(sessions, users).join(users)
"""A session with its user."""


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

    @in_time
    async def save_sign_in(self, session: Session, user: User, handle: Handle) -> None:
        """See `SessionStore.save_sign_in`."""
        async with self._writing() as connection:
            await upsert(connection, users, rows.user_row(user))
            await connection.execute(insert(sessions).values(rows.session_row(session, self.vault)))
            await connection.execute(insert(handles).values(rows.handle_row(handle)))

    @in_time
    async def add_handle(self, handle: Handle) -> bool:
        """See `SessionStore.add_handle`."""
        alive = select(sessions.c.id).where(sessions.c.id == handle.session_id, sessions.c.expires > handle.created)
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
    async def touch(self, session_id: str, now: datetime) -> None:
        """See `SessionStore.touch`."""
        seen_before = (sessions.c.id == session_id) & (sessions.c.last_seen < now)
        async with self._writing() as connection:
            await connection.execute(update(sessions).where(seen_before).values(last_seen=now))

    @in_time
    async def end_session(self, session_id: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.end_session`."""
        named = sessions.c.id == session_id
        async with self._writing() as connection:
            ended = await _end(connection, named, now)
        return next(map(self._ended, ended), None)

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
        return [self._ended(row) for row in ended]

    @in_time
    async def sessions_of(self, issuer: str, user_id: str, now: datetime, limit: int = 100) -> Sequence[KnownSession]:
        """See `SessionStore.sessions_of`."""
        named = (sessions.c.issuer == issuer) & (sessions.c.user_id == user_id) & (sessions.c.expires > now)
        newest_first = _KNOWN.where(named).order_by(sessions.c.created.desc(), sessions.c.id.desc()).limit(limit)
        async with self._reading() as connection:
            found = (await connection.execute(newest_first)).mappings().all()
        return [known for row in found if (known := self._known(row, now))]

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
    async def purge(self, now: datetime, limit: int = 500) -> int:
        """See `SessionStore.purge`."""
        async with self._writing() as connection:
            return (
                await _purge(connection, sessions, sessions.c.expires <= now, limit)
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

    def _known(self, row: RowMapping, now: datetime) -> KnownSession | None:
        """The session of a row of `_KNOWN`, unless it has expired or its tokens do not open."""
        tokens = self._tokens(row)
        if tokens is None or row[sessions.c.expires] <= now:
            return None
        return KnownSession(rows.session_of(row, tokens), rows.user_of(row))

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
    await connection.execute(delete(sessions).where(sessions.c.id.in_(ids)))
    await one_writer(connection, changes)
    entries = [{"kind": "session_revoked", "subject": session_id, "at": now} for session_id in ids]
    await connection.execute(insert(changes), entries)
    return ended


async def _purge(connection: AsyncConnection, table: Table, expired: ColumnElement[bool], limit: int) -> int:
    """Delete up to `limit` rows; a subquery, because neither database limits a delete."""
    keys = tuple_(*table.primary_key)
    some = select(*table.primary_key).where(expired).limit(limit)
    return (await connection.execute(delete(table).where(keys.in_(some)))).rowcount
