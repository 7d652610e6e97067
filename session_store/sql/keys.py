"""The keys that sign assertions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from session_store.records import KEYS_CHANGED, SigningKey
from session_store.sealing import UnsealFailed
from session_store.sql import rows
from session_store.sql.database import Database
from session_store.sql.dialects import one_writer, upsert
from session_store.sql.errors import in_time
from session_store.sql.feed import announce
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
    async def change_signing_keys(
        self, change: Callable[[Sequence[SigningKey]], Sequence[SigningKey]], now: datetime
    ) -> Sequence[SigningKey]:
        """See `SessionStore.change_signing_keys`."""
        async with self._writing() as connection:
            await one_writer(connection, signing_keys)
            kept = {key.kid: key for key in await self._signing_keys(connection)}
            wanted = {key.kid: key for key in change([*kept.values()])}
            if wanted != kept:
                await self._replace(connection, kept, wanted)
                await announce(connection, KEYS_CHANGED, [""], now)
            return await self._signing_keys(connection)

    async def _replace(
        self, connection: AsyncConnection, kept: Mapping[str, SigningKey], wanted: Mapping[str, SigningKey]
    ) -> None:
        await connection.execute(delete(signing_keys).where(signing_keys.c.kid.in_(kept.keys() - wanted.keys())))
        for kid, key in wanted.items():
            if key != kept.get(kid):
                await upsert(connection, signing_keys, rows.signing_key_row(key, self.vault))

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
