"""Opening the store that a URL names. A SQLite file is made and migrated here, a server must be migrated before."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, Engine

from session_store.address import InMemory, PostgresqlServer, SqliteFile, StoreUrlInvalid, parse_store_url
from session_store.memory import InMemoryStore
from session_store.migrations.revisions import missing, upgrade
from session_store.repository import SessionStore, Waker
from session_store.sealing import Sealer
from session_store.sql.engine import connect, connect_async, prepare_file, sqlite_url
from session_store.sql.errors import translated
from session_store.sql.file_guard import FileGuard
from session_store.sql.rows import Vault
from session_store.sql.store import SqlStore
from session_store.sql.waking import Listening, Polling


def _nobody(_session_id: str) -> None:
    """Nobody listens."""


async def open_store(
    url: str, *, sealer: Sealer, entropy: Callable[[int], bytes], heard: Callable[[str], None] = _nobody
) -> SessionStore:
    """Open `sqlite:///relative` (to the working folder), `sqlite:////absolute`, `postgresql://…` or `memory://`.

    `sealer` seals tokens and private keys at rest, `entropy` gives so many unguessable bytes, `heard` is told of each
    session that this process sends to the change feed, before the method that did so returns. Raises
    `StoreUrlInvalid`, `StoreUnavailable`, or `SchemaMismatch` when the database needs a migration or is newer than
    this program. Close the store when done.
    """
    vault = Vault(sealer, entropy)
    match parse_store_url(url):
        case InMemory():
            return InMemoryStore(heard)
        case SqliteFile(path):
            guard = await asyncio.to_thread(_ready_file, path.absolute())
            file = connect_async(sqlite_url(guard.path))
            return await _checked(SqlStore(file, vault, guard, asyncio.Lock(), heard=heard))
        case PostgresqlServer(server):
            _require_driver()
            engine = connect_async(server)
            return await _checked(SqlStore(engine, vault, waker=Listening(engine), heard=heard))


def waker_of(store: SessionStore) -> Waker:
    """What waits for changes that other processes make in this store."""
    return store.waker if isinstance(store, SqlStore) else Polling()


def migrate(url: str) -> list[str]:
    """Bring the database of a store to the newest schema; return the revisions applied, oldest first. Blocking.

    Raises like `open_store`.
    """
    match parse_store_url(url):
        case InMemory():
            return []
        case SqliteFile(path):
            _make_file(path.absolute())
            return _with_engine(sqlite_url(path.absolute()), upgrade)
        case PostgresqlServer(server):
            _require_driver()
            return _with_engine(server, upgrade)


def pending(url: str) -> list[str]:
    """The revisions that `migrate` would apply now, oldest first; changes nothing. Blocking.

    Raises like `open_store`; a SQLite file that does not exist is `StoreUnavailable`.
    """
    match parse_store_url(url):
        case InMemory():
            return []
        case SqliteFile(path):
            return _with_engine(sqlite_url(path.absolute()), missing)
        case PostgresqlServer(server):
            _require_driver()
            return _with_engine(server, missing)


def _ready_file(path: Path) -> FileGuard:
    """Make the file where there is none, migrate it, and remember which file it was. Blocking."""
    _make_file(path)
    guard = FileGuard.watch(path)
    _with_engine(sqlite_url(path), upgrade)
    return guard


def _make_file(path: Path) -> None:
    """Create the file for its owner alone, its folder too. Existing ones keep their modes."""
    with translated():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # only where there is none: closing any descriptor of a database in use would drop SQLite's locks on it
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        prepare_file(path)


def _with_engine(url: URL, use: Callable[[Engine], list[str]]) -> list[str]:
    engine = connect(url)
    try:
        return use(engine)
    finally:
        engine.dispose()


async def _checked(store: SqlStore) -> SqlStore:
    try:
        await store.check()
    except BaseException:
        await store.close()
        raise
    return store


def _require_driver() -> None:
    if find_spec("psycopg") is None:
        raise StoreUrlInvalid("a postgresql store needs the extra `postgres`: install `ostiary[postgres]`")
