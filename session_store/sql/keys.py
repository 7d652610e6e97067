"""The keys that sign assertions."""

from collections.abc import Sequence

import structlog
from sqlalchemy import RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from session_store.records import SigningKey
from session_store.sealing import UnsealFailed
from session_store.sql import rows
from session_store.sql.database import Database
from session_store.sql.dialects import one_writer
from session_store.sql.errors import in_time
from session_store.sql.tables import signing_keys

log = structlog.get_logger(__name__)


class SigningKeys(Database):
    """Signing keys, sealed at rest."""

    __slots__ = ()

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
