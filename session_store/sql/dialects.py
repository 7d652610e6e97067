"""What SQLAlchemy has no common word for: insert or replace, insert if absent, and locks for a whole transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

_POSTGRESQL = "postgresql"


async def upsert(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert a row, or replace all columns of the one with this primary key."""
    statement = _insert(connection, table).values(row)
    keys = [column.name for column in table.primary_key]
    replaced = {name: statement.excluded[name] for name in row if name not in keys}
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=replaced))


async def insert_if_absent(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary key is taken; True for the one caller who did."""
    statement = _insert(connection, table).values(row).on_conflict_do_nothing().returning(*table.primary_key)
    return (await connection.execute(statement)).first() is not None


async def one_writer(connection: AsyncConnection, table: Table) -> None:
    """Wait until no other transaction writes to this table, and keep others from it until the end of this one.

    Makes numbers of the change feed appear in the order in which they were given. SQLite has one writer anyway.
    """
    if connection.dialect.name == _POSTGRESQL:
        await connection.execute(_advisory_lock(table.name))


async def notify(connection: AsyncConnection, channel: str) -> None:
    """Wake everyone who listens, once this transaction is committed. SQLite wakes nobody."""
    if connection.dialect.name == _POSTGRESQL:
        await connection.execute(select(func.pg_notify(channel, "")))


def one_migration(connection: Connection) -> None:
    """Wait for, and keep out, every other migration of this database until the end of this transaction."""
    if connection.dialect.name == _POSTGRESQL:
        connection.execute(_advisory_lock("migrations"))


def _advisory_lock(name: str) -> Select[Any]:
    return select(func.pg_advisory_xact_lock(func.hashtext(f"ostiary {name}")))


def _insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == _POSTGRESQL else sqlite.insert(table)
