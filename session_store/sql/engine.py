"""Engines: how each database is connected to, begun, and kept from waiting for ever."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

BUSY_TIMEOUT_MS = 3000
POOL_TIMEOUT_SECONDS = 3
MIGRATION_WAIT_SECONDS = 30
_LOST_SERVER = frozenset({"25006", "57P01", "57P02", "57P03"})
"""PostgreSQL's read_only_sql_transaction, admin_shutdown, crash_shutdown, cannot_connect_now."""
WRITING = "ostiary_writing"
"""Execution option of a transaction that will write."""

_OPTIONS: dict[str, Any] = {"hide_parameters": True, "pool_timeout": POOL_TIMEOUT_SECONDS}


class _Cursor(Protocol):
    def execute(self, statement: str, /) -> object: ...
    def close(self) -> object: ...


class _DbapiConnection(Protocol):
    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


def sqlite_url(path: Path) -> URL:
    """The URL of a database file that must exist: connecting never creates one."""
    return URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"})


def connect(url: URL) -> Engine:
    """A blocking engine, for migrations: waits long for another migration; statements may take their time."""
    limits = {"timeout": MIGRATION_WAIT_SECONDS} if _is_sqlite(url) else {"connect_timeout": POOL_TIMEOUT_SECONDS}
    engine = create_engine(_with_driver(url, "pysqlite"), **_OPTIONS, connect_args=limits)
    _prepare(engine)
    return engine


def connect_async(url: URL) -> AsyncEngine:
    """The engine of a running store: nothing waits for long."""
    limits = {"timeout": BUSY_TIMEOUT_MS / 1000} if _is_sqlite(url) else _server_limits()
    # a server may have gone and come back since a connection was last used: that is noticed before it is used again
    pooled = {} if _is_sqlite(url) else {"pool_pre_ping": True}
    engine = create_async_engine(_with_driver(url, "aiosqlite"), **_OPTIONS, **pooled, connect_args=limits)
    _prepare(engine.sync_engine)
    return engine


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _with_driver(url: URL, sqlite_driver: str) -> URL:
    return url.set(drivername=f"sqlite+{sqlite_driver}" if _is_sqlite(url) else "postgresql+psycopg")


def _server_limits() -> dict[str, Any]:
    settings = f"-c statement_timeout={BUSY_TIMEOUT_MS} -c lock_timeout={BUSY_TIMEOUT_MS}"
    return {"connect_timeout": POOL_TIMEOUT_SECONDS, "options": settings}


def _prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "handle_error", _leave_lost_server)


def _leave_lost_server(failure: ExceptionContext) -> None:
    """Drop every connection to a server that shuts down, or that a failover has made a standby: it takes no writes."""
    if getattr(failure.original_exception, "sqlstate", None) in _LOST_SERVER:
        failure.is_disconnect = True


def _prepare_sqlite(connection: _DbapiConnection, _record: object) -> None:
    # the driver's own transaction handling would begin late and commit before DDL: `_begin_sqlite` does it instead
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # a transaction that reads first and writes later can fail half way; one that will write takes its lock at once
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def prepare_file(path: Path) -> None:
    """Put a database file into write-ahead logging, which it then keeps. Raises `sqlite3.Error`, also if read-only."""
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)) as connection:
        _enter_wal(connection)
        # SQLite lets a read-only file begin every transaction and refuses only the first change: make one that is none
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version = {version:d}")


def _enter_wal(connection: sqlite3.Connection) -> None:
    # when two processes do this to a new file at once, one is told "locked" without having waited
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as refused:
            if refused.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.01)
