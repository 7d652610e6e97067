"""The in-memory store (`memory://`): the reference of the contract. It forgets everything when the process ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from session_store.records import CHANGES_KEPT, Change, Handle, KnownSession, Session, SigningKey, User


@dataclass(slots=True)
class InMemoryStore:
    """Dictionaries behind the protocol. No method awaits anything, which makes each of them atomic."""

    _sessions: dict[str, Session] = field(default_factory=dict, repr=False)
    _users: dict[tuple[str, str], User] = field(default_factory=dict, repr=False)
    _handles: dict[bytes, Handle] = field(default_factory=dict, repr=False)
    _used: dict[tuple[str, str], datetime] = field(default_factory=dict, repr=False)
    _signing_keys: list[SigningKey] = field(default_factory=list, repr=False)
    _changes: list[Change] = field(default_factory=list, repr=False)
    _sequence: int = 0

    async def save_sign_in(self, session: Session, user: User, handle: Handle) -> None:
        """See `SessionStore.save_sign_in`."""
        self._users[user.issuer, user.id] = user
        self._sessions[session.id] = session
        self._handles[handle.token_hash] = handle

    async def add_handle(self, handle: Handle) -> bool:
        """See `SessionStore.add_handle`."""
        session = self._sessions.get(handle.session_id)
        if session is None or session.expires <= handle.created:
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
        return self._known(session) if session and session.expires > now else None

    async def touch(self, session_id: str, now: datetime) -> None:
        """See `SessionStore.touch`."""
        session = self._sessions.get(session_id)
        if session and session.last_seen < now:
            self._sessions[session_id] = replace(session, last_seen=now)

    async def end_session(self, session_id: str, now: datetime) -> KnownSession | None:
        """See `SessionStore.end_session`."""
        session = self._sessions.get(session_id)
        if session is None:
            return None
        self._forget_session(session_id)
        self._sequence += 1
        self._changes.append(Change(self._sequence, "session_revoked", session_id, now))
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
        if provider_session is None and user_id is None:
            raise ValueError("sessions are ended by provider session or by user")
        accepted = {provider_session} if user_id is None else {provider_session, ""}
        named = [
            session
            for session in self._sessions.values()
            if session.issuer == issuer
            and user_id in (None, session.user_id)
            and (provider_session is None or session.provider_session in accepted)
            and session.id != spared
        ]
        ended = [await self.end_session(session.id, now) for session in sorted(named, key=_age)]
        return [known for known in ended if known]

    async def sessions_of(self, issuer: str, user_id: str, now: datetime, limit: int = 100) -> Sequence[KnownSession]:
        """See `SessionStore.sessions_of`."""
        live = (session for session in self._sessions.values() if session.expires > now)
        named = [session for session in live if (session.issuer, session.user_id) == (issuer, user_id)]
        return [self._known(session) for session in sorted(named, key=_age, reverse=True)[:limit]]

    async def claim_once(self, purpose: str, value: str, expires: datetime, now: datetime) -> bool:
        """See `SessionStore.claim_once`."""
        if expires <= now or (purpose, value) in self._used:
            return False
        self._used[purpose, value] = expires
        return True

    async def signing_keys(self) -> Sequence[SigningKey]:
        """See `SessionStore.signing_keys`."""
        return sorted(self._signing_keys, key=lambda key: (key.created, key.kid), reverse=True)

    async def add_signing_key_if_none(self, key: SigningKey) -> Sequence[SigningKey]:
        """See `SessionStore.add_signing_key_if_none`."""
        if not self._signing_keys:
            self._signing_keys.append(key)
        return await self.signing_keys()

    async def changes_since(self, sequence: int, limit: int = 1000) -> Sequence[Change]:
        """See `SessionStore.changes_since`."""
        return list(islice((change for change in self._changes if change.sequence > sequence), limit))

    async def purge(self, now: datetime, limit: int = 500) -> int:
        """See `SessionStore.purge`."""
        sessions = [session.id for session in self._sessions.values() if session.expires <= now][:limit]
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

    def _forget_session(self, session_id: str) -> None:
        del self._sessions[session_id]
        for token_hash in [hashed for hashed, handle in self._handles.items() if handle.session_id == session_id]:
            del self._handles[token_hash]


def _age(session: Session) -> tuple[datetime, str]:
    return session.created, session.id
