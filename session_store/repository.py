"""The contract of every store. One suite (`tests/session_store/contract.py`) holds all implementations to it.

Errors: `StoreUnavailable` when the store cannot answer (gone, locked beyond the timeout, wrong schema). Nothing else is
raised for expected outcomes: what is not there is None or False. Every method is atomic.

A session has ended at its absolute end, or at its idle end if that comes first (`Session.ends`). Every entry of the
change feed about a session is also told, before the method returns, to whoever listens in the same process.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from session_store.records import Change, Handle, KnownSession, Selection, Session, SigningKey, User


class StoreError(Exception):
    """Base of this package's errors; `code` is stable for logs and metrics."""

    code = "store"


class StoreUnavailable(StoreError):
    """The store cannot answer now; callers fail closed (503)."""

    code = "store-unavailable"


class SchemaMismatch(StoreUnavailable):
    """The database has another schema than this program; `ostiary db migrate` mends it."""

    code = "store-schema"


class SessionStore(Protocol):
    """Sessions, handles, users, signing keys, single-use marks and the change feed."""

    async def save_sign_in(self, session: Session, user: User, handle: Handle) -> None:
        """Write a new session with its user (inserted or replaced) and its first handle, all or nothing. The user's
        other sessions go to the change feed (`session_changed`) if the profile is another one than before."""
        ...

    async def add_handle(self, handle: Handle) -> bool:
        """Add a cookie for another host. False, and nothing written, when the session is gone, ended, or expired at
        the handle's `created`."""
        ...

    async def find_by_handle(self, token_hash: bytes, host: str, now: datetime) -> KnownSession | None:
        """The session that this cookie opens on this host; None when unknown, of another host, ended or expired."""
        ...

    async def find_session(self, session_id: str, now: datetime) -> KnownSession | None:
        """The session with this public id, unless it has ended."""
        ...

    async def touch(self, session_id: str, now: datetime, idle_end: datetime | None = None) -> None:
        """Record use, and when the session ends without any more; to be called at most once a minute per session.
        Unknown and ended sessions are left alone, and so are those that were seen later."""
        ...

    async def end_session(self, session_id: str, now: datetime) -> KnownSession | None:
        """End a session and all its handles and append to the change feed; return what it was (with its tokens, for
        revocation at the provider), or None when there was none. A second call returns None."""
        ...

    async def end_sessions(
        self,
        issuer: str,
        now: datetime,
        *,
        provider_session: str | None = None,
        user_id: str | None = None,
        spared: str | None = None,
    ) -> Sequence[KnownSession]:
        """End every session of an issuer that has this provider session, or is of this user, as `end_session` does,
        and return what they were, oldest first; raises `ValueError` when neither is given. With both, those of the
        user that have this provider session or none that is known. The session with the id `spared` goes on."""
        ...

    async def sessions_of(self, issuer: str, user_id: str, now: datetime, limit: int = 100) -> Sequence[KnownSession]:
        """The live sessions of a user, newest first."""
        ...

    async def select_sessions(
        self, which: Selection, now: datetime, limit: int = 500, after: str = ""
    ) -> Sequence[KnownSession]:
        """The live sessions that are meant, in the order of their ids, behind the id `after`."""
        ...

    async def end_selected(self, which: Selection, now: datetime, limit: int = 500) -> Sequence[KnownSession]:
        """End up to `limit` of the sessions that are meant, as `end_session` does, and return what they were."""
        ...

    async def sessions_due(self, now: datetime, active_since: datetime, limit: int = 100) -> Sequence[str]:
        """Ids of live sessions whose tokens are due, or whose profile is and that were used since; those with the
        earliest due first, without those that somebody is renewing."""
        ...

    async def claim_renewal(self, session_id: str, now: datetime, until: datetime) -> KnownSession | None:
        """Take the sole right to renew a session until then. None unless it lives, something is due, and nobody holds
        the right: one of many callers gets it, even across processes. The session comes with its new version."""
        ...

    async def save_renewal(self, session: Session, user: User, now: datetime, until: datetime | None = None) -> bool:
        """Write tokens, claims, provider session and renewal of a session, and its user, and count its version up. The
        right to renew ends, or goes on until `until`. The session, and every session of the user if the profile is
        another one than before, goes to the change feed. False, and nothing written, when the stored session has
        another version or is gone."""
        ...

    async def hold_lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take, or keep, a named task. True for one holder at a time; another gets it once `until` has passed."""
        ...

    async def claim_once(self, purpose: str, value: str, expires: datetime, now: datetime) -> bool:
        """Mark a single-use value as used. True for exactly one caller, even across processes. Nobody gets True once
        `expires` has come, so that a value stays single-use after its mark was purged."""
        ...

    async def signing_keys(self) -> Sequence[SigningKey]:
        """All kept keys, newest first."""
        ...

    async def change_signing_keys(
        self, change: Callable[[Sequence[SigningKey]], Sequence[SigningKey]], now: datetime
    ) -> Sequence[SigningKey]:
        """Keep what `change`, a quick function without effects, makes of the kept keys; return that, newest first.

        Nobody else changes them meanwhile. If they are others than before, the change feed is told (`KEYS_CHANGED`).
        Keys that do not open are not shown to `change`, and stay."""
        ...

    async def changes_since(self, sequence: int, limit: int = 1000) -> Sequence[Change]:
        """Entries of the change feed behind `sequence`, oldest first."""
        ...

    async def latest_change(self) -> int:
        """The newest number of the change feed that can be read; 0 where there is none."""
        ...

    async def rewrap(self, limit: int = 200) -> int:
        """Seal anew, with the current key, what is sealed with another one that is held: up to `limit` sessions and
        signing keys of which each opens. Return how many; repeat until it is none. Nobody is signed out by it."""
        ...

    async def purge(self, now: datetime, limit: int = 500) -> int:
        """Delete up to `limit` rows of each kind that have expired (sessions with their handles, single-use marks,
        changes older than `records.CHANGES_KEPT`); return how many went, handles not counted."""
        ...

    async def check(self) -> None:
        """Answer if the store can be used; raises `StoreUnavailable` otherwise."""
        ...

    async def close(self) -> None:
        """Release connections. Idempotent."""
        ...


class Waker(Protocol):
    """Waits on behalf of whoever follows the change feed."""

    async def wait(self) -> None:
        """Return when the feed may have grown, within half a second in any case. Never fails."""
        ...

    async def close(self) -> None:
        """Release what is held. Idempotent."""
        ...
