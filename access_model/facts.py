"""What a decision looks at: the request as it will reach the upstream, and who is asking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType

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
