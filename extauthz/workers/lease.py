"""Chores that one process does on behalf of all that share a store."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from session_store.repository import SessionStore

LENGTH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to a chore, for half a minute from every time that it is asked for."""

    store: SessionStore
    """Where it is written."""
    name: str
    """The chore."""
    holder: str
    """Who this process is, among all that share the store."""
    clock: Callable[[], datetime]
    """Now, with zone UTC."""

    async def held(self) -> bool:
        """Take it, or keep it; False while another process has it. Raises `StoreUnavailable`."""
        now = self.clock()
        return await self.store.hold_lease(self.name, self.holder, now, now + LENGTH)
