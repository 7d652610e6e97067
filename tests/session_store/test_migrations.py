"""The schema: made from nothing, once, by one process, and refused when it is not ours."""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from session_store.migrations import revisions
from session_store.migrations.revisions import head
from session_store.open import migrate, open_store, pending
from session_store.repository import SchemaMismatch, SessionStore, StoreUnavailable
from session_store.sealing import Sealer
from session_store.sql.engine import connect, sqlite_url
from session_store.sql.tables import metadata
from tests.session_store.samples import STORE_KEY

MIGRATE = "import sys; from session_store.open import migrate; print(migrate(sys.argv[1]))"


def url(path: Path) -> str:
    """The store's URL."""
    return f"sqlite:///{path}"


def test_an_empty_database_gets_every_revision_and_a_second_run_none(path: Path) -> None:
    assert migrate(url(path))[-1] == head()
    assert migrate(url(path)) == []
    assert pending(url(path)) == []


def test_the_migrated_schema_is_the_one_the_program_declares(path: Path) -> None:
    migrate(url(path))
    engine = connect(sqlite_url(path))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_what_is_pending_can_be_asked_without_changing_anything(path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        pending(url(path))
    assert not path.exists()
    path.parent.mkdir()
    path.touch()
    assert pending(url(path))[-1] == head()
    assert path.read_bytes() == b""


def test_memory_needs_no_migration() -> None:
    assert (migrate("memory://"), pending("memory://")) == ([], [])


def test_the_key_from_before_there_were_phases_goes_on_signing(path: Path) -> None:
    _migrate_to(path, "0002")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO signing_keys VALUES ('kid', x'00', '2031-05-06 07:08:09.123456')")
    assert migrate(url(path))[0] == "0003"
    with closing(sqlite3.connect(path)) as database:
        kept = database.execute("SELECT created = signs_from, withdrawn FROM signing_keys").fetchall()
    assert kept == [(1, None)]


def test_threads_that_start_at_once_migrate_once(path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        applied = list(pool.map(migrate, [url(path)] * 6))
    assert sorted(map(len, applied))[:-1] == [0] * 5
    assert next(revisions for revisions in applied if revisions)[-1] == head()


def test_processes_that_start_at_once_migrate_once(path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", MIGRATE, url(path)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    outputs = [child.communicate(timeout=40) for child in children]
    assert [errors for _, errors in outputs] == [""] * 4
    assert [output.strip() for output, _ in outputs].count("[]") == 3


async def test_a_newer_database_is_refused_and_left_alone(sqlite: SessionStore, path: Path) -> None:
    await sqlite.close()
    _set_revision(path, "9999")
    with pytest.raises(SchemaMismatch, match=r"`9999`.*newer version"):
        await open_store(url(path), sealer=Sealer.single(STORE_KEY), entropy=os.urandom)
    with pytest.raises(SchemaMismatch, match="newer version"):
        pending(url(path))
    assert _revision(path) == "9999"


async def test_a_running_store_notices_that_its_database_was_migrated_beyond_it(
    sqlite: SessionStore, path: Path
) -> None:
    _set_revision(path, "9999")
    with pytest.raises(SchemaMismatch, match="newer version"):
        await sqlite.check()


def test_somebody_elses_tables_are_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE sessions (mine TEXT)")
    with pytest.raises(SchemaMismatch, match="is unchanged"):
        migrate(url(path))
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert tables == [("sessions",)]


def test_a_migration_that_fails_says_why_without_statements(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE users (mine TEXT)")
    with pytest.raises(SchemaMismatch, match="table users already exists") as caught:
        migrate(url(path))
    assert "CREATE TABLE" not in str(caught.value)


def _revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _set_revision(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def _migrate_to(path: Path, revision: str) -> None:
    path.parent.mkdir()
    path.touch()
    engine = connect(sqlite_url(path))
    configuration = revisions._configuration()
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)
    engine.dispose()
