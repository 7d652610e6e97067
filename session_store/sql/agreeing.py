"""What processes agree by: leases, values that are used once, and the change feed."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, or_, select, update

from session_store.records import Change
from session_store.sql import rows
from session_store.sql.database import Database
from session_store.sql.dialects import insert_if_absent
from session_store.sql.errors import in_time
from session_store.sql.tables import changes, leases, used_once


class Agreements(Database):
    """Leases, single-use marks and the change feed."""

    __slots__ = ()

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
