"""What the store remembers, as frozen values. All times carry a zone (UTC). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from access_model.secret import Secret

CHANGES_KEPT = timedelta(days=1)
"""How long an entry stays in the change feed: far longer than anything derived from a session may live elsewhere."""


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
    """Folded host it was issued for, or `.domain` for a domain cookie."""
    created: datetime
    """When it was issued."""

    def opens(self, host: str) -> bool:
        """Whether it is good for a folded host; one of `.example.com` is good for that domain and all below it."""
        if host == self.host:
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
class SigningKey:
    """A key that signs assertions, made and kept by us."""

    kid: str
    """Lower-case hex SHA-256 of its RFC 7638 thumbprint."""
    private_pem: Secret
    """PKCS #8 PEM; sealed at rest."""
    created: datetime
    """When it was made."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change feed."""

    sequence: int
    """Monotonic position."""
    kind: str
    """`session_revoked` for now."""
    subject: str
    """What it concerns: a session id."""
    at: datetime
    """When."""
