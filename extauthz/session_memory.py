"""What this process remembers of the sessions it has seen, so that most requests need not ask the store.

Rules. A session is remembered under the cookie and the host that it was found by. It is believed while the change feed
of the store is followed: an answer of the feed not older than a second. When the store is known to be away, it is
believed a while longer (`store_grace`), counted from the last answer: nobody can end a session in a store that does not
answer, either. In between, and for whatever is not remembered, the store is asked. What the feed names is forgotten;
and all of it is, when the feed was interrupted. No I/O; time is an argument.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from session_store.records import KnownSession

FRESH = timedelta(seconds=1)
"""How long the feed may be silent before what is remembered needs the store's word again."""
CAPACITY = 20_000

Key = tuple[bytes, str]
"""Hash of the cookie, and the host."""


@dataclass(slots=True)
class SessionMemory:
    """Bounded; the oldest entry goes first."""

    capacity: int = CAPACITY
    """Most entries."""
    forgotten: int = 0
    """Counts what was forgotten: whoever looked something up in the store meanwhile may have seen what was before."""
    _entries: dict[Key, KnownSession] = field(default_factory=dict, repr=False)
    _keys: dict[str, set[Key]] = field(default_factory=dict, repr=False)
    _fed: datetime | None = None
    _away: bool = False

    def recall(self, token_hash: bytes, host: str, now: datetime) -> KnownSession | None:
        """What is remembered, unless it has ended; whether it may be believed is another question."""
        known = self._entries.get((token_hash, host))
        return known if known and known.session.ends > now else None

    def believed(self, now: datetime, grace: timedelta) -> bool:
        """Whether an entry may stand in for the store's answer."""
        return self._fed is not None and now - self._fed <= (grace if self._away else FRESH)

    def excused(self, now: datetime, grace: timedelta) -> bool:
        """Whether an entry may be used where the store was asked and did not answer."""
        return self._fed is not None and now - self._fed <= grace

    @property
    def store_away(self) -> bool:
        """Whether the store did not answer when it was asked for changes last."""
        return self._away

    def remember(self, token_hash: bytes, host: str, known: KnownSession, forgotten: int) -> None:
        """Keep what the store has answered, unless something was forgotten since the store was asked."""
        if self._fed is None or forgotten != self.forgotten:
            return
        while len(self._entries) >= self.capacity:
            self._drop(next(iter(self._entries)))
        self._entries[token_hash, host] = known
        self._keys.setdefault(known.session.id, set()).add((token_hash, host))

    def seen(self, session_id: str, now: datetime, idle_end: datetime | None) -> None:
        """Note that a session was used."""
        for key in self._keys.get(session_id, ()):
            known = self._entries[key]
            self._entries[key] = replace(known, session=replace(known.session, last_seen=now, idle_end=idle_end))

    def forget(self, session_id: str) -> None:
        """Drop a session: it has ended, or is another one now."""
        self.forgotten += 1
        for key in [*self._keys.get(session_id, ())]:
            self._drop(key)

    def forget_all(self) -> None:
        """Drop everything."""
        self.forgotten += 1
        self._entries.clear()
        self._keys.clear()

    def fed(self, at: datetime) -> None:
        """The feed was read up to its end, as it was at this time."""
        self._fed, self._away = at, False

    def cut(self) -> None:
        """The feed does not answer."""
        self._away = True

    def _drop(self, key: Key) -> None:
        session_id = self._entries.pop(key).session.id
        keys = self._keys[session_id]
        keys.discard(key)
        if not keys:
            del self._keys[session_id]
