"""The in-memory store (`memory://`): the reference of the contract. It forgets everything when the process ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from session_store.records import (
    CHANGES_KEPT,
    KEYS_CHANGED,
    Change,
    Handle,
    KnownSession,
    Selection,
    Session,
    SigningKey,
    User,
    accepted_provider_sessions,
)


def _nobody(_session_id: str) -> None:
    """Nobody listens."""


@dataclass(slots=True)
class InMemoryStore:
    """Dictionaries behind the protocol. No method awaits anything, which makes each of them atomic."""

    heard: Callable[[str], None] = field(default=_nobody, repr=False)
    """Told of each session that goes to the change feed."""
    _sessions: dict[str, Session] = field(default_factory=dict, repr=False)
    _users: dict[tuple[str, str], User] = field(default_factory=dict, repr=False)
    _handles: dict[bytes, Handle] = field(default_factory=dict, repr=False)
    _used: dict[tuple[str, str], datetime] = field(default_factory=dict, repr=False)
    _signing_keys: list[SigningKey] = field(default_factory=list, repr=False)
    _changes: list[Change] = field(default_factory=list, repr=False)
    _renewing: dict[str, datetime] = field(default_factory=dict, repr=False)
    _leases: dict[str, tuple[str, datetime]] = field(default_factory=dict, repr=False)
    _sequence: int = 0

    async def save_sign_in(self, session: Session, user: User, handle: Handle) -> None:
        """See `SessionStore.save_sign_in`."""
        self._save_user(user, now=session.created)
        self._sessions[session.id] = session
        self._handles[handle.token_hash] = handle

    async def add_handle(self, handle: Handle) -> bool:
        """See `SessionStore.add_handle`."""
        session = self._sessions.get(handle.session_id)
        if session is None or session.ends <= handle.created:
            return False
        self._handles[handle.token_hash] = handle
        return True

    async def find_by_handle(self, token_hash: bytes, host: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.find_by_handle`."""
        handle = self._handles.get(token_hash)
        return await self.find_session(handle.session_id, now) if handle and handle.opens(host) else None

    async def find_session(self, session_id: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.find_session`."""
        session = self._sessions.get(session_id)
        return self._known(session) if session and session.ends > now else None

    async def touch(self, session_id: str, now: datetime, idle_end: datetime | None = None) -> None:
        """See `SessionStore.touch`."""
        session = self._sessions.get(session_id)
        if session and session.last_seen < now < session.ends:
            self._sessions[session_id] = replace(session, last_seen=now, idle_end=idle_end)

    async def end_session(self, session_id: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.end_session`."""
        session = self._sessions.get(session_id)
        if session is None:
            return None
        self._forget_session(session_id)
        self._announce("session_revoked", session_id, now)
        return self._known(session)

    async def end_sessions(
        self,
        issuer: str,
        now: datetime,
        *,
        provider_session: str | None = None,
        user_id: str | None = None,
        spared: str | None = None,
    ) -> Sequence[KnownSession]:
        """See `SessionStore.end_sessions`."""
        accepted = accepted_provider_sessions(provider_session, user_id)
        named = [
            session
            for session in self._sessions.values()
            if session.issuer == issuer
            and user_id in (None, session.user_id)
            and (accepted is None or session.provider_session in accepted)
            and session.id != spared
        ]
        ended = [await self.end_session(session.id, now) for session in sorted(named, key=_age)]
        return [known for known in ended if known]

    async def sessions_of(self, issuer: str, user_id: str, now: datetime, limit: int = 100) -> Sequence[KnownSession]:
        """See `SessionStore.sessions_of`."""
        live = (session for session in self._sessions.values() if session.ends > now)
        named = [session for session in live if (session.issuer, session.user_id) == (issuer, user_id)]
        return [self._known(session) for session in sorted(named, key=_age, reverse=True)[:limit]]

    async def select_sessions(
        self, which: Selection, now: datetime, limit: int = 500, after: str = ""
    ) -> Sequence[KnownSession]:
        """See `SessionStore.select_sessions`."""
        live = (self._known(session) for _, session in sorted(self._sessions.items()) if session.ends > now)
        return [known for known in live if which.names(known) and known.session.id > after][:limit]

    async def end_selected(self, which: Selection, now: datetime, limit: int = 500) -> Sequence[KnownSession]:
        """See `SessionStore.end_selected`."""
        named = [known.session for known in map(self._known, self._sessions.values()) if which.names(known)]
        ended = [await self.end_session(session.id, now) for session in sorted(named, key=_age)[:limit]]
        return [known for known in ended if known]

    async def sessions_due(self, now: datetime, active_since: datetime, limit: int = 100) -> Sequence[str]:
        """See `SessionStore.sessions_due`."""
        due = [
            (session.renewal.due or now, session.id)
            for session in self._sessions.values()
            if session.ends > now
            and not self._is_renewing(session.id, now)
            and (
                _has_come(session.renewal.tokens_due, now)
                or (_has_come(session.renewal.profile_due, now) and session.last_seen >= active_since)
            )
        ]
        return [session_id for _, session_id in sorted(due)[:limit]]

    async def claim_renewal(self, session_id: str, now: datetime, until: datetime) -> KnownSession | None:
        """See `SessionStore.claim_renewal`."""
        session = self._sessions.get(session_id)
        if session is None or session.ends <= now or not _has_come(session.renewal.due, now):
            return None
        if self._is_renewing(session_id, now):
            return None
        self._renewing[session_id] = until
        self._sessions[session_id] = replace(session, version=session.version + 1)
        return self._known(self._sessions[session_id])

    async def save_renewal(self, session: Session, user: User, now: datetime, until: datetime | None = None) -> bool:
        """See `SessionStore.save_renewal`."""
        kept = self._sessions.get(session.id)
        if kept is None or kept.version != session.version:
            return False
        self._sessions[session.id] = replace(
            kept,
            claims=session.claims,
            provider_session=session.provider_session,
            tokens=session.tokens,
            renewal=session.renewal,
            version=session.version + 1,
        )
        self._renewing.pop(session.id, None)
        if until is not None:
            self._renewing[session.id] = until
        if not self._save_user(user, now):
            self._announce("session_changed", session.id, now)
        return True

    async def hold_lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """See `SessionStore.hold_lease`."""
        kept_by, kept_until = self._leases.get(name, (holder, now))
        if kept_by != holder and kept_until > now:
            return False
        self._leases[name] = (holder, until)
        return True

    async def claim_once(self, purpose: str, value: str, expires: datetime, now: datetime) -> bool:
        """See `SessionStore.claim_once`."""
        if expires <= now or (purpose, value) in self._used:
            return False
        self._used[purpose, value] = expires
        return True

    async def signing_keys(self) -> Sequence[SigningKey]:
        """See `SessionStore.signing_keys`."""
        return sorted(self._signing_keys, key=lambda key: (key.created, key.kid), reverse=True)

    async def change_signing_keys(
        self, change: Callable[[Sequence[SigningKey]], Sequence[SigningKey]], now: datetime
    ) -> Sequence[SigningKey]:
        """See `SessionStore.change_signing_keys`."""
        kept = await self.signing_keys()
        wanted = change(kept)
        if {key.kid: key for key in wanted} != {key.kid: key for key in kept}:
            self._signing_keys = [*wanted]
            self._append(KEYS_CHANGED, "", now)
        return await self.signing_keys()

    async def changes_since(self, sequence: int, limit: int = 1000) -> Sequence[Change]:
        """See `SessionStore.changes_since`."""
        return list(islice((change for change in self._changes if change.sequence > sequence), limit))

    async def latest_change(self) -> int:
        """See `SessionStore.latest_change`."""
        return self._changes[-1].sequence if self._changes else 0

    async def rewrap(self, limit: int = 200) -> int:  # noqa: ARG002 - nothing is sealed
        """See `SessionStore.rewrap`; in memory nothing is sealed."""
        return 0

    async def purge(self, now: datetime, limit: int = 500) -> int:
        """See `SessionStore.purge`."""
        sessions = [session.id for session in self._sessions.values() if session.ends <= now][:limit]
        marks = [mark for mark, expires in self._used.items() if expires <= now][:limit]
        changes = [change for change in self._changes if change.at <= now - CHANGES_KEPT][:limit]
        for session_id in sessions:
            self._forget_session(session_id)
        for mark in marks:
            del self._used[mark]
        for change in changes:
            self._changes.remove(change)
        return len(sessions) + len(marks) + len(changes)

    async def check(self) -> None:
        """See `SessionStore.check`; memory is always there."""

    async def close(self) -> None:
        """See `SessionStore.close`; nothing is held open."""

    def _known(self, session: Session) -> KnownSession:
        return KnownSession(session, self._users[session.issuer, session.user_id])

    def _save_user(self, user: User, now: datetime) -> bool:
        """Insert or replace a user; whether one was replaced who differs, whose sessions the feed is told of then."""
        before = self._users.get((user.issuer, user.id), user)
        self._users[user.issuer, user.id] = user
        if before == user:
            return False
        for session in sorted(self._sessions.values(), key=lambda each: each.id):
            if (session.issuer, session.user_id) == (user.issuer, user.id):
                self._announce("session_changed", session.id, now)
        return True

    def _announce(self, kind: str, session_id: str, now: datetime) -> None:
        self._append(kind, session_id, now)
        self.heard(session_id)

    def _append(self, kind: str, subject: str, now: datetime) -> None:
        self._sequence += 1
        self._changes.append(Change(self._sequence, kind, subject, now))

    def _is_renewing(self, session_id: str, now: datetime) -> bool:
        until = self._renewing.get(session_id)
        return until is not None and until > now

    def _forget_session(self, session_id: str) -> None:
        del self._sessions[session_id]
        self._renewing.pop(session_id, None)
        for token_hash in [hashed for hashed, handle in self._handles.items() if handle.session_id == session_id]:
            del self._handles[token_hash]


def _has_come(due: datetime | None, now: datetime) -> bool:
    return due is not None and due <= now


def _age(session: Session) -> tuple[datetime, str]:
    return session.created, session.id
