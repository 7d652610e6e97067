"""Sealing anew with the current key what another key has sealed."""

from collections.abc import Iterator
from typing import Any

import structlog
from sqlalchemy import Column, LargeBinary, Select, Table, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from session_store.sealing import UnsealFailed
from session_store.sql import rows
from session_store.sql.rows import Vault
from session_store.sql.tables import sessions, signing_keys

log = structlog.get_logger(__name__)


async def rewrap_sessions(connection: AsyncConnection, vault: Vault, limit: int) -> int:
    """Seal anew the tokens of up to `limit` sessions; return how many. Their versions stay: nothing has changed."""
    sealed = (sessions.c.access_token, sessions.c.refresh_token, sessions.c.id_token)
    written = 0
    for row in (await connection.execute(_sealed_otherwise(sessions, vault, *sealed, limit=limit))).mappings():
        try:
            fresh = rows.sealed_row(row[sessions.c.id], rows.tokens_of(row, vault), vault)
        except UnsealFailed:
            log.warning("session_not_openable", session=row[sessions.c.id])
            continue
        await connection.execute(update(sessions).where(sessions.c.id == row[sessions.c.id]).values(fresh))
        written += 1
    return written


async def rewrap_signing_keys(connection: AsyncConnection, vault: Vault, limit: int) -> int:
    """Seal anew up to `limit` signing keys; return how many."""
    written = 0
    found = await connection.execute(_sealed_otherwise(signing_keys, vault, signing_keys.c.private_pem, limit=limit))
    for row in found.mappings():
        try:
            fresh = rows.signing_key_row(rows.signing_key_of(row, vault), vault)
        except UnsealFailed:
            log.warning("signing_key_not_openable", kid=row[signing_keys.c.kid])
            continue
        await connection.execute(update(signing_keys).where(signing_keys.c.kid == fresh["kid"]).values(fresh))
        written += 1
    return written


def _sealed_otherwise(table: Table, vault: Vault, *sealed: Column[bytes], limit: int) -> Select[Any]:
    """Rows with a value of another known key; a sealed value begins with a header that names its key."""
    headers = list(_other_headers(vault))
    size = len(vault.sealer.header)
    beginnings = [func.substr(column, literal(1), literal(size), type_=LargeBinary) for column in sealed]
    return select(table).where(or_(*(each.in_(headers) for each in beginnings))).limit(limit).with_for_update()


def _other_headers(vault: Vault) -> Iterator[bytes]:
    return (header for header in vault.sealer.headers if header != vault.sealer.header)
