"""What happens to a request on its way to the upstream, and to the response on its way back: options of a route.

Values alone. They are built by `access_model.load` and translated for Envoy.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from access_model.secret import Secret


@dataclass(frozen=True, slots=True)
class Redirection:
    """An answer that sends the client elsewhere; what is None stays as it was asked for."""

    scheme: str | None = None
    """Scheme of the new URL."""
    host: str | None = None
    """Host of the new URL."""
    port: int | None = None
    """Port of the new URL."""
    path: str | None = None
    """The whole new path; not together with `prefix`."""
    prefix: str | None = None
    """What replaces the matched prefix."""
    status: int = 301
    """301, 302, 303, 307 or 308."""
    strip_query: bool = False
    """Whether the query is left out."""


@dataclass(frozen=True, slots=True)
class FixedResponse:
    """An answer that is always the same."""

    status: int
    """HTTP status."""
    body: str = ""
    """Body, at most 4096 bytes of UTF-8."""


@dataclass(frozen=True, slots=True)
class PrefixRewrite:
    """The matched part of the path gives way to another text."""

    replacement: str
    """What stands there instead; begins with `/`."""


@dataclass(frozen=True, slots=True)
class RegexRewrite:
    """What an RE2 expression finds in a text gives way to another."""

    pattern: str
    """The expression."""
    substitution: str
    r"""The new text; `\1` is the first group."""


PathRewrite = PrefixRewrite | RegexRewrite


class HostSource(StrEnum):
    """Where the `Host` that the upstream sees comes from."""

    LITERAL = "literal"
    """It is `HostRewrite.value`."""
    HEADER = "header"
    """It is what the request header of that name holds."""
    PATH = "path"
    """It is made of the path by `HostRewrite.from_path`."""


@dataclass(frozen=True, slots=True)
class HostRewrite:
    """A `Host` for the upstream that is neither its own nor the client's."""

    source: HostSource
    """Where it comes from."""
    value: str = ""
    """The host, or the name of the header."""
    from_path: RegexRewrite | None = None
    """How the path becomes the host."""


@dataclass(frozen=True, slots=True)
class HeaderRewrite:
    """A response header whose value begins with one text gets another beginning."""

    header: str
    """Lower-case name."""
    prefix: str
    """What the value begins with."""
    value: str
    """What it begins with afterwards."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A bucket of tokens that refills: what one Envoy lets through on a route, or one client may try."""

    requests: int
    """Requests per interval."""
    interval: timedelta
    """The interval."""
    burst: int
    """Most requests at once, after a pause."""


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """The certificate by which we show an upstream who we are."""

    chain_pem: str
    """Leaf first, PEM."""
    key_pem: Secret
    """Private key, PEM."""


@dataclass(frozen=True, slots=True)
class UpstreamTls:
    """How the upstreams' certificates are verified."""

    skip_verify: bool = False
    """Whether any certificate will do."""
    server_name: str | None = None
    """Name to ask for and to verify; None: the host of each target."""
    ca_pem: str | None = None
    """Authorities in place of the system's; None: the system's."""
    certificate: ClientCertificate | None = None
    """Our own certificate."""


SYSTEM_TLS = UpstreamTls()
"""What a route has that says nothing of it."""


class LoadBalancing(StrEnum):
    """How one of several upstreams is chosen."""

    ROUND_ROBIN = "ROUND_ROBIN"
    LEAST_REQUEST = "LEAST_REQUEST"
    RANDOM = "RANDOM"
    RING_HASH = "RING_HASH"
    MAGLEV = "MAGLEV"

    @property
    def by_client(self) -> bool:
        """Whether one client stays with one upstream."""
        return self in (LoadBalancing.RING_HASH, LoadBalancing.MAGLEV)


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """A request that a healthy upstream answers with one of some statuses."""

    path: str
    """Path to ask for."""
    host: str = ""
    """`Host` to ask with; empty: the upstream's own."""
    statuses: tuple[tuple[int, int], ...] = ()
    """Ranges of good statuses, first and last; empty: 200 alone."""


@dataclass(frozen=True, slots=True)
class TcpProbe:
    """A connection that a healthy upstream accepts."""

    send: bytes = b""
    """What is sent to it; empty: nothing."""
    receive: bytes = b""
    """What it must say; empty: nothing."""


@dataclass(frozen=True, slots=True)
class GrpcProbe:
    """A call of gRPC's health checking protocol."""

    service: str = ""
    """Service to ask for; empty: the server as a whole."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One way to find out, again and again, whether an upstream is fit for use."""

    probe: HttpProbe | TcpProbe | GrpcProbe
    """What is tried."""
    timeout: timedelta
    """How long it may take."""
    interval: timedelta
    """Pause between two probes."""
    unhealthy_threshold: int
    """Failures in a row that take an upstream out of use."""
    healthy_threshold: int
    """Successes in a row that put it back."""


@dataclass(frozen=True, slots=True)
class OutlierDetection:
    """When an upstream is left out for a while because of how it answers; None leaves Envoy's default."""

    consecutive_5xx: int | None = None
    """5xx answers in a row."""
    consecutive_gateway_failure: int | None = None
    """502, 503 and 504 in a row."""
    consecutive_local_origin_failure: int | None = None
    """Failed connections in a row, counted apart from answers."""
    interval: timedelta | None = None
    """Pause between two sweeps that put upstreams back."""
    base_ejection_time: timedelta | None = None
    """How long an upstream is left out for the first time."""
    max_ejection_time: timedelta | None = None
    """How long at most."""
    max_ejection_percent: int | None = None
    """Share of the upstreams that may be left out at once."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """How much may be under way to the upstreams of a route at once; None leaves our default of 16,384."""

    max_connections: int | None = None
    """Connections."""
    max_pending_requests: int | None = None
    """Requests that wait for a connection."""
    max_requests: int | None = None
    """Requests."""


DEFAULT_LIMITS = CircuitBreaker()
"""What a route has that says nothing of it."""


@dataclass(frozen=True, slots=True)
class UpstreamPool:
    """How the upstreams of a route are used together."""

    load_balancing: LoadBalancing = LoadBalancing.ROUND_ROBIN
    """How one is chosen."""
    health_checks: tuple[HealthCheck, ...] = ()
    """How they are probed; none: they are believed to be fit."""
    healthy_panic_threshold: int | None = None
    """Percentage of fit upstreams below which all are used; None: Envoy's 50."""
    outlier_detection: OutlierDetection | None = None
    """When one is left out; None: never."""
    circuit_breaker: CircuitBreaker = DEFAULT_LIMITS
    """How much may be under way."""


PLAIN_POOL = UpstreamPool()
"""What a route has that says nothing of it."""
