"""Which revision a database is at, and bringing it to the newest. Blocking: run it in a thread beside an event loop."""

import threading
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from session_store.repository import SchemaMismatch
from session_store.sql.dialects import one_migration
from session_store.sql.engine import WRITING
from session_store.sql.errors import reason, translated

_one_at_a_time = threading.Lock()  # Alembic works through module globals


def head() -> str:
    """The revision that this program works with."""
    return str(_scripts().get_current_head())


def current_revision(connection: Connection) -> str | None:
    """The revision that a database is at; None when it was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def require_head(connection: Connection) -> None:
    """Raise `SchemaMismatch` unless the database is at this program's revision."""
    current = current_revision(connection)
    if current != head():
        raise SchemaMismatch(_mismatch(current))


def upgrade(engine: Engine) -> list[str]:
    """Bring a database to `head()` in one transaction; return the revisions applied, oldest first.

    Several processes may start at once: one migrates, the others wait for it and find nothing to do. Raises
    `SchemaMismatch` when the database is newer than this program or a migration fails (nothing is changed then), and
    `StoreUnavailable` when it cannot be reached or written.
    """
    with translated(), _one_at_a_time, engine.execution_options(**{WRITING: True}).begin() as connection:
        one_migration(connection)
        current = current_revision(connection)
        revisions = _after(current)
        if revisions:
            _run(connection, current)
        return revisions


def missing(engine: Engine) -> list[str]:
    """The revisions that `upgrade` would apply, oldest first. Raises as `upgrade` does."""
    with translated(), engine.connect() as connection:
        return _after(current_revision(connection))


def _run(connection: Connection, current: str | None) -> None:
    configuration = _configuration()
    configuration.attributes["connection"] = connection
    try:
        command.upgrade(configuration, "head")
    except (SQLAlchemyError, CommandError) as failure:
        raise SchemaMismatch(
            f"the session store could not be migrated from revision `{current}` to `{head()}` and is unchanged: "
            f"{reason(failure)}"
        ) from failure


def _after(current: str | None) -> list[str]:
    newest_first = [script.revision for script in _scripts().walk_revisions()]
    if current is None:
        return newest_first[::-1]
    if current not in newest_first:
        raise SchemaMismatch(_mismatch(current))
    return newest_first[: newest_first.index(current)][::-1]


def _mismatch(current: str | None) -> str:
    if current is None:
        return "the session store has no tables yet: run `ostiary db migrate`"
    known = any(script.revision == current for script in _scripts().walk_revisions())
    remedy = "run `ostiary db migrate`" if known else "a newer version of this program has written it, run that one"
    return f"the session store is at revision `{current}`, this program needs `{head()}`: {remedy}"


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_configuration())


def _configuration() -> Config:
    configuration = Config()
    # `%` begins an interpolation in this format
    configuration.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return configuration
