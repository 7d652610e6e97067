"""What the store remembers, as frozen values. All times carry a zone (UTC). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from access_model.secret import Secret

CHANGES_KEPT = timedelta(days=1)
"""How long an entry stays in the change feed: far longer than anything derived from a session may live elsewhere."""

KEYS_CHANGED = "keys_changed"
"""The kind of a change that concerns the signing keys, and no session."""

EVERY_HOST = "*"
"""The host of a handle that opens all of them."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The identity provider's tokens; at rest they are sealed, and they never leave for a client or an upstream."""

    access_token: Secret | None = None
    """For the provider's APIs (userinfo, introspection)."""
    refresh_token: Secret | None = None
    """For new tokens."""
    id_token: Secret | None = None
    """The raw ID token, later the `id_token_hint` of a logout."""
    access_expires: datetime | None = None
    """When the access token ends, if the provider said so."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """When the identity provider is to be asked again about a session, and how that went."""

    tokens_due: datetime | None = None
    """When new tokens are to be asked for; None: never."""
    profile_due: datetime | None = None
    """When the user's profile is to be asked for; None: never."""
    failures: int = 0
    """How often in a row that has failed."""

    @property
    def due(self) -> datetime | None:
        """When the first of both is due; None: never."""
        return min((due for due in (self.tokens_due, self.profile_due) if due), default=None)


@dataclass(frozen=True, slots=True)
class Session:
    """One login of one user in one browser, good for every route host."""

    id: str
    """Public identifier (UUIDv4 text): the assertion's `sid`."""
    user_id: str
    """The provider's `sub`."""
    issuer: str
    """Who vouched for the user; user identity is the pair of issuer and user id."""
    provider_id: str
    """Which configured provider that was."""
    created: datetime
    """When the user signed in."""
    last_seen: datetime
    """When it was last used, to the minute."""
    expires: datetime
    """Absolute end."""
    claims: Mapping[str, tuple[str, ...]]
    """Flattened claims of the ID token."""
    provider_session: str = ""
    """The provider's own `sid`, for front- and back-channel logout."""
    tokens: Tokens = field(default_factory=Tokens)
    """The provider's tokens."""
    version: int = 1
    """Counts changes, for optimistic locking."""
    idle_end: datetime | None = None
    """When it ends unless it is used before; None: only at its absolute end."""
    renewal: Renewal = field(default_factory=Renewal)
    """When tokens and profile are to be asked for again."""
    device: str = ""
    """The browser that the user signed in with, in words, for the user; empty where it did not say."""
    address: str = ""
    """The address that the user signed in from; where the session goes later is not kept."""

    @property
    def ends(self) -> datetime:
        """When it ends unless it is used before."""
        return self.expires if self.idle_end is None else min(self.expires, self.idle_end)


@dataclass(frozen=True, slots=True)
class User:
    """A person as the provider describes them."""

    issuer: str
    """Who vouched for them."""
    id: str
    """The provider's `sub`."""
    email: str = ""
    """Address, or empty."""
    email_verified: bool | None = None
    """The provider's word on the address; None when it said nothing."""
    name: str = ""
    """Display name, or empty."""
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Flattened userinfo claims."""


@dataclass(frozen=True, slots=True)
class Handle:
    """One cookie of a session, good for one host alone."""

    token_hash: bytes
    """SHA-256 of the cookie's value; the value itself is never kept."""
    session_id: str
    """The session it opens."""
    host: str
    """Folded host it was issued for, `.domain` for a domain cookie, or `EVERY_HOST` for a service account's token."""
    created: datetime
    """When it was issued."""

    def opens(self, host: str) -> bool:
        """Whether it is good for a folded host; one of `.example.com` is good for that domain and all below it."""
        if self.host in (host, EVERY_HOST):
            return True
        return self.host.startswith(".") and f".{host}".endswith(self.host)


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A session found by its handle, with its user."""

    session: Session
    """The session."""
    user: User
    """Its user."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which sessions are meant; what is not said does not matter, so that an empty one means all."""

    session_id: str | None = None
    """The session itself."""
    user: str | None = None
    """User id or e-mail address."""
    provider_id: str | None = None
    """Id of a configured provider."""

    def names(self, known: KnownSession) -> bool:
        """Whether a session is meant."""
        return (
            self.session_id in (None, known.session.id)
            and self.user in (None, known.user.id, known.user.email)
            and self.provider_id in (None, known.session.provider_id)
        )


def accepted_provider_sessions(provider_session: str | None, user_id: str | None) -> frozenset[str] | None:
    """The provider sessions that an order to end sessions concerns, empty text for those that name none; None for all.

    A user's session that names none may be the one that is meant. Raises `ValueError` for an order that names neither
    a provider session nor a user.
    """
    if provider_session is None and user_id is None:
        raise ValueError("sessions are ended by provider session or by user")
    if provider_session is None:
        return None
    return frozenset({provider_session} if user_id is None else {provider_session, ""})


class KeyPhase(StrEnum):
    """Where a signing key stands. All that are kept are published."""

    NEXT = "next"
    """Shown to verifiers ahead of its time; signs nothing yet."""
    CURRENT = "current"
    """Signs."""
    PREVIOUS = "previous"
    """Signs no more; shown until what it has signed has run out."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs assertions, made and kept by us."""

    kid: str
    """Lower-case hex SHA-256 of its RFC 7638 thumbprint."""
    private_pem: Secret
    """PKCS #8 PEM; sealed at rest."""
    created: datetime
    """When it was made, and published."""
    signs_from: datetime | None = None
    """Since when it signs; None: it does not yet."""
    withdrawn: datetime | None = None
    """When it leaves the published keys; None: it is still to sign, or signs."""

    @property
    def phase(self) -> KeyPhase:
        """Where it stands."""
        if self.withdrawn is not None:
            return KeyPhase.PREVIOUS
        return KeyPhase.NEXT if self.signs_from is None else KeyPhase.CURRENT


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change feed."""

    sequence: int
    """Monotonic position."""
    kind: str
    """`session_revoked`: it has ended; `session_changed`: look it up again; `KEYS_CHANGED`."""
    subject: str
    """What it concerns: a session id; empty for the keys."""
    at: datetime
    """When."""
