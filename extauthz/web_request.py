"""One request to our own endpoints, and what a use case answers, as plain values without a web framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

Pairs = tuple[tuple[str, str], ...]

NO_HEADERS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A request to one of our own endpoints; the web application builds it once and nothing parses it again."""

    method: str
    """The method, upper case."""
    scheme: str
    """`https` or `http`, as the origin of this host is configured; never taken from a forwarded header."""
    host: str
    """Folded host without port and trailing dot; known to be served."""
    path: str
    """The path as it stands in the request line, percent-encoded, without query."""
    query: str = ""
    """Everything behind the first `?`, undecoded."""
    params: Pairs = ()
    """Decoded parameters in order, duplicates included: those of the query, then those of a posted form."""
    cookies: Pairs = field(default=(), repr=False)
    """Cookies in order, duplicates included: `cookies.parse_cookie_header`."""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_HEADERS, repr=False)
    """Lower-case header name to all its values, in order."""
    request_id: str = ""
    """Envoy's `x-request-id`."""
    client_address: str = ""
    """The client behind the trusted hops; empty where it is not known."""

    @property
    def url(self) -> str:
        """The absolute URL without port: what a signature of ours covers."""
        return f"{self.scheme}://{self.host}{self.path}" + (f"?{self.query}" if self.query else "")

    def header(self, name: str) -> str | None:
        """The only value of a header; None when it is absent or there are several."""
        values = self.headers.get(name.lower(), ())
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser elsewhere with a 302."""

    location: str
    """Absolute URL, made or checked by us."""
    set_cookies: tuple[str, ...] = field(default=(), repr=False)
    """Values of `Set-Cookie` headers, in order."""


class FailureKind(StrEnum):
    """Why a sign-in or sign-out did not go on, as logs and metrics count it."""

    BAD_LINK = "bad-link"
    BAD_TARGET = "bad-target"
    STATE_MISSING = "state-missing"
    STATE_EXPIRED = "state-expired"
    STATE_USED = "state-used"
    BROWSER_CHANGED = "browser-changed"
    COOKIES_AMBIGUOUS = "cookies-ambiguous"
    TICKET_REFUSED = "ticket-refused"
    NO_PROVIDER = "no-provider"
    PROVIDER_REFUSED = "provider-refused"
    PROVIDER_UNAVAILABLE = "provider-unavailable"
    PROVIDER_MISTRUSTED = "provider-mistrusted"
    CROSS_SITE = "cross-site"
    STEP_UP_REFUSED = "step-up-refused"


@dataclass(frozen=True, slots=True)
class Failure:
    """Show a page that says what happened; no session was made and nothing was changed beyond `set_cookies`."""

    kind: FailureKind
    """The reason, closed set."""
    status: int
    """HTTP status."""
    title: str
    """Headline for the person."""
    message: str
    """Sentence for the person; text, to be escaped. Says what to do."""
    detail_for_log: str
    """Sentence for the operator; holds no secret."""
    set_cookies: tuple[str, ...] = field(default=(), repr=False)
    """Values of `Set-Cookie` headers, in order."""
    retry_url: str | None = None
    """Where to begin again, checked by us; None when there is no such place."""
