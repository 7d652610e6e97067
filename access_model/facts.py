"""What a decision looks at: the request as it will reach the upstream, and who is asking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Any, Protocol

EMPTY: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def _nothing() -> Mapping[str, tuple[str, ...]]:
    return EMPTY


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """The client's TLS certificate as Envoy passes it on."""

    pem: str
    """The leaf, PEM."""
    trusted: bool
    """Whether it chains to the downstream CA and is not revoked."""
    chain: str = field(default="", repr=False)
    """What the client sent along with it, PEM; nobody vouches for any of it."""
    objection: str = ""
    """Why it is not trusted, in words for operators; empty where it is, or where nobody has looked."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """One HTTP request, normalised once at the edge and never parsed again."""

    method: str
    """The method, upper case as on the wire."""
    scheme: str
    """`https` or `http`, folded to lower case."""
    host: str
    """Host without port, case-folded, without trailing dot: what routes and policies compare."""
    authority: str
    """Host as sent, with port if there was one; only for building URLs back to this place."""
    path: str
    """Percent-decoded path without query, dot segments and repeated slashes resolved: what policies compare."""
    raw_path: str
    """The path as it will reach the upstream, without query, still percent-encoded."""
    query: str
    """Everything behind the first `?` of the request target, undecoded; empty without one."""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing)
    """Lower-case header name to all its values, in order."""
    client_address: IPv4Address | IPv6Address | None = None
    """The client's address behind the trusted hops; None when Envoy gives none."""
    client_certificate: ClientCertificate | None = None
    """The client certificate of the connection, if one was presented."""
    request_id: str = ""
    """Envoy's `x-request-id`, which ties log lines and error pages together."""
    sni: str = ""
    """Server name of the TLS connection, folded; empty on cleartext."""
    body: bytes = field(default=b"", repr=False)
    """The request's body, where Envoy was told to send it; empty otherwise."""

    @property
    def target(self) -> str:
        """Path and query as the browser would have to ask for them again."""
        return f"{self.raw_path}?{self.query}" if self.query else self.raw_path

    @property
    def url(self) -> str:
        """The absolute URL of this request."""
        return f"{self.scheme}://{self.authority}{self.target}"

    def header(self, name: str) -> str | None:
        """The values of one header joined by `,` (RFC 9110 section 5.3), or None when it is absent."""
        values = self.headers.get(name.lower())
        return None if values is None else ",".join(values)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, as policies and the assertion see it."""

    user_id: str
    """The provider's `sub` (Entra: `oid`), or the service account's user."""
    session_id: str
    """Public identifier of the session; never the credential."""
    email: str = ""
    """Directory e-mail, else the user's, else empty."""
    email_verified: bool | None = None
    """The provider's word on the address; None when it says nothing. False makes it unusable for domain rules."""
    name: str = ""
    """Display name, or empty."""
    groups: tuple[str, ...] = ()
    """Directory group ids, then their names."""
    session_claims: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing)
    """Flattened claims of the session (`a.b` for nested ones), every value as text."""
    user_claims: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing)
    """Flattened claims of the user record."""
    issuer: str = ""
    """Issuer of the provider that vouched for the user."""
    acr: str = ""
    """Authentication context class that the provider named at sign-in (`acr`), or empty."""
    amr: tuple[str, ...] = ()
    """Methods of that authentication (`amr`, RFC 8176)."""
    authenticated_at: datetime | None = None
    """When the user last proved who they are (`auth_time`), with zone; None when the provider does not say."""


class RecordKey(StrEnum):
    """What the records of one type are found by; spelt as in the configuration."""

    USER_ID = "user.id"
    USER_EMAIL = "user.email"
    ADDRESS = "request.ip"
    CERTIFICATE = "request.client_certificate.fingerprint"


Record = Mapping[str, Any]
"""One record of external data as JSON has it: field to text, number, truth, None, list or mapping."""


class RecordSource(Protocol):
    """External data at one moment, for the criterion `record`. Looking up is pure and takes no time worth naming."""

    def key_of(self, kind: str) -> RecordKey | None:
        """What records of this type are found by; None when there is no such type, or its data never came."""
        ...

    def find(self, kind: str, key: str) -> Record | None:
        """The record of a type under a key, or None.

        `key` is the user id, the e-mail address, the address in its canonical spelling (then the record of the longest
        network around it is meant), or the SHA-256 fingerprint in lower-case hex.
        """
        ...


@dataclass(frozen=True, slots=True)
class NoRecords:
    """No external data at all."""

    def key_of(self, kind: str) -> RecordKey | None:  # noqa: ARG002 - it has none
        """None."""
        return None

    def find(self, kind: str, key: str) -> Record | None:  # noqa: ARG002 - it has none
        """None."""
        return None


NO_RECORDS: RecordSource = NoRecords()
