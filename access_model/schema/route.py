"""The keys of one route."""

from typing import Annotated, Any, Literal

from pydantic import Field

from access_model.bearer import BearerFormat
from access_model.schema.answers import RedirectKeys, ResponseKeys
from access_model.schema.base import Keys
from access_model.schema.types import (
    ClaimHeaders,
    ClaimValues,
    Duration,
    FileName,
    Headers,
    SecretText,
    Shown,
    Texts,
    Words,
)
from access_model.schema.upstream import (
    CircuitBreakerKeys,
    HealthCheckKeys,
    OutlierDetectionKeys,
    Percent,
    RateLimitKeys,
)

PolicyText = Annotated[Any, Shown("policy, or list of policies")]
Targets = Annotated[Texts, Shown("URL, or list of URLs")]


class HeaderRewriteKeys(Keys):
    """A response header whose value begins with one text gets another beginning."""

    header: str | None = Field(default=None, description="The header. Required.", examples=["Location"])
    prefix: str | None = Field(
        default=None, description="What the value begins with. Required.", examples=["http://app.internal:8080/"]
    )
    value: str | None = Field(
        default=None, description="What it begins with afterwards. Required.", examples=["https://app.example.com/"]
    )


class RouteKeys(Keys):
    """One route: where it answers, where it leads, who may pass."""

    name: str | None = Field(
        default=None, description="What the route is called in logs and pages.", examples=["Verify"]
    )
    description: str = Field(default="", description="A sentence for people who may open the route.")
    logo_url: str | None = Field(
        default=None, description="A picture for the list of routes.", examples=["https://example.com/logo.svg"]
    )
    from_: str | None = Field(
        default=None,
        alias="from",
        description="Where clients find the route: `https://host[:port]`, without a path. `http://` needs"
        " `insecure_server`. A leading `*.` stands for all subdomains; exact hosts beat wildcards, longer ones beat"
        " shorter ones. The port is what clients use; routes are told apart by host and path alone."
        " `tcp+https://host:port` is a TCP connection in a tunnel, which clients ask for by `CONNECT host:port`"
        " (`pomerium-cli tcp`). Required.",
        examples=["https://verify.example.com", "tcp+https://ssh.example.com:22"],
    )
    to: Targets | None = Field(
        default=None,
        description="Where requests go: `http`, `https` or `h2c` URLs, or `unix:///path/of/a.sock` for HTTP over a Unix"
        " socket; `tcp://host:port` for a tunnel. Several share the load, evenly or by weights written behind a comma"
        " on all of them. A path replaces what `prefix` or `path` matched. Required, unless the route has `redirect` or"
        " `response`.",
        examples=["http://10.0.0.7:8080", ["https://a.internal,10", "https://b.internal,1"]],
    )
    redirect: RedirectKeys | None = Field(
        default=None,
        description="Send who may pass elsewhere, instead of `to`.",
        examples=[{"host_redirect": "new.example.com", "response_code": 302}],
    )
    response: ResponseKeys | None = Field(
        default=None,
        description="Answer who may pass with this, instead of `to`.",
        examples=[{"status": 503, "body": "Back at noon."}],
    )
    prefix: str | None = Field(
        default=None,
        description="Only paths that begin with this text; it is compared as text, without regard to segments.",
        examples=["/admin/"],
    )
    path: str | None = Field(default=None, description="Only exactly this path.", examples=["/metrics"])
    regex: str | None = Field(
        default=None, description="Only paths that this RE2 expression matches as a whole.", examples=["/api/v[12]/.*"]
    )
    regex_priority_order: Annotated[int, Shown("number")] | None = Field(
        default=None,
        ge=0,
        le=2**31 - 1,
        description="Only with `regex`: try this route before all of its host that have no such number, and before"
        " those with a smaller one.",
    )
    allow_public_unauthenticated_access: bool = Field(
        default=False, description="Everyone may pass, signed in or not. Excludes the other access keys."
    )
    allow_any_authenticated_user: bool = Field(default=False, description="Whoever is signed in may pass.")
    allowed_users: Texts = Field(
        default_factory=list,
        description="User ids or e-mail addresses that may pass; case matters.",
        examples=[["alice@example.com"]],
    )
    allowed_domains: Texts = Field(
        default_factory=list,
        description="Mail domains whose people may pass. An address counts only with exactly one `@`, and not when the"
        " provider says that it is not verified.",
        examples=[["example.com"]],
    )
    allowed_idp_claims: ClaimValues = Field(
        default_factory=dict,
        description="Claims of which one value is enough to pass; nested claims are written `a.b` or `a/b`.",
        examples=[{"department": ["engineering"]}],
    )
    allowed_groups: Texts = Field(
        default_factory=list,
        description="Directory groups, by id or name, whose members may pass. Groups that the provider claims are"
        " `allowed_idp_claims: {groups: ...}`.",
        examples=[["engineering"]],
    )
    cors_allow_preflight: bool = Field(
        default=False, description="Everyone may send a CORS preflight; what follows it is judged as ever."
    )
    acr_values: Words = Field(
        default_factory=list,
        description="Authentication context classes (`acr`) of which the sign-in must have one. Whoever signed in"
        " without is sent to do so once more, with these values.",
        examples=[["urn:example:mfa"]],
    )
    max_session_age: Duration | None = Field(
        default=None,
        description="How long ago people may have signed in at the provider (`auth_time`). After that they are sent to"
        " do so once more.",
        examples=["15m"],
    )
    policy: PolicyText = Field(
        default=None,
        description="Who may pass, in the policy language (docs/policy.md): rules that allow and rules that deny."
        " What it allows comes on top of the keys above; what it denies is denied to all.",
        examples=[{"allow": {"and": [{"domain": "example.com"}, {"http_method": {"in": ["GET", "HEAD"]}}]}}],
    )
    identity_providers: Texts = Field(
        default_factory=list,
        description="Whom people may have signed in with: names of `identity_providers`, and `default` for the one at"
        " the top of the file. Default: all.",
        examples=[["partners"]],
    )
    depends_on: Texts = Field(
        default_factory=list,
        description="Further hosts (five at most, each with its port unless that is 443) that pages of this route fetch"
        " from: whoever signs in for this route gets the cookies of these in the same login. Each is the host of"
        " another route.",
        examples=[["api.example.com"]],
    )
    idp_client_id: str | None = Field(
        default=None,
        description="A client of this route's own at the provider at the top of the file: people sign in with it for"
        " this route and any other that names it, and no other session counts here. It calls back at the same address,"
        " `/oauth2/callback`. A browser is signed in with one client at a time: who goes to a route with another one"
        " passes by the provider again. Have the provider say the same of people to both: what it says of somebody is"
        " kept once.",
        examples=["payroll"],
    )
    idp_client_secret: SecretText | None = Field(default=None, description="The secret of this route's own client.")
    idp_client_secret_file: FileName | None = Field(
        default=None, description="`idp_client_secret`, as the name of a file."
    )
    prefix_rewrite: str | None = Field(
        default=None,
        description="What `prefix`, `path` or `regex` matched gives way to this path on the way to the upstream."
        " Slashes are neither lost nor doubled: under `prefix: /a`, `/` makes `/x` of `/a/x`. It beats a path in `to`.",
        examples=["/"],
    )
    regex_rewrite_pattern: str | None = Field(
        default=None,
        description="What this RE2 expression finds in the path gives way to `regex_rewrite_substitution`. It beats a"
        " path in `to`.",
        examples=["^/service/([^/]+)(/.*)$"],
    )
    regex_rewrite_substitution: str | None = Field(
        default=None, description="The new text; `\\1` is the first group.", examples=["\\2/instance/\\1"]
    )
    preserve_host_header: bool = Field(
        default=False, description="The upstream sees the host that the client asked for, instead of its own."
    )
    host_rewrite: str | None = Field(
        default=None, description="The upstream sees this host.", examples=["app.internal"]
    )
    host_rewrite_header: str | None = Field(
        default=None,
        description="The upstream sees the host that this request header holds. A client can send it, unless"
        " `set_request_headers` replaces it.",
        examples=["X-Upstream-Host"],
    )
    host_path_regex_rewrite_pattern: str | None = Field(
        default=None,
        description="The upstream sees the path as its host, after what this RE2 expression finds in it gave way to"
        " `host_path_regex_rewrite_substitution`.",
        examples=["^/(.+)/.+$"],
    )
    host_path_regex_rewrite_substitution: str | None = Field(
        default=None, description="The new text; `\\1` is the first group.", examples=["\\1"]
    )
    set_request_headers: Headers = Field(
        default_factory=dict,
        description="Headers for the upstream. Values may hold templates such as `${pomerium.jwt}`; `$$` is a dollar"
        " sign. `${pomerium.client_cert_fingerprint}` is that of a certificate which `downstream_mtls` trusts,"
        " or empty.",
        examples=[{"X-Token": "${pomerium.jwt}"}],
    )
    remove_request_headers: Texts = Field(
        default_factory=list,
        description="Headers of the client that the upstream does not get.",
        examples=[["X-Debug"]],
    )
    set_response_headers: Headers = Field(
        default_factory=dict,
        description="Headers of the response, in place of what the upstream and the top of the file say.",
        examples=[{"X-Frame-Options": "DENY"}],
    )
    rewrite_response_headers: list[HeaderRewriteKeys] = Field(
        default_factory=list,
        description="Headers of the response that get another beginning; of several for one the first that fits.",
        examples=[[{"header": "Location", "prefix": "http://app.internal:8080/", "value": "https://app.example.com/"}]],
    )
    pass_identity_headers: bool | None = Field(
        default=None,
        description="Whether the upstream gets the assertion and the claim headers. Default: the global setting.",
    )
    jwt_issuer_format: Literal["hostOnly", "uri"] | None = Field(
        default=None, description="Form of the assertion's `iss` for this route. Default: the global setting."
    )
    jwt_groups_filter: Texts = Field(
        default=[], description="Directory groups that assertions for this route may name, besides the global ones."
    )
    jwt_claims_headers: ClaimHeaders = Field(
        default_factory=dict,
        description="Claim headers of this route, besides the global ones; the same header is replaced.",
    )
    kubernetes_service_account_token: SecretText | None = Field(
        default=None,
        description="For routes to a Kubernetes API server: the token of a service account that may impersonate. Each"
        " request carries it, with the user's e-mail address, or else id, as `Impersonate-User` and each of the groups"
        " of the assertion as `Impersonate-Group`. Names of Kubernetes' own (`system:…`) are left out, and without a"
        " user the token is not sent. In a mesh of your own, Envoy joins several groups into one header, which the API"
        " server takes for one group.",
    )
    kubernetes_service_account_token_file: FileName | None = Field(
        default=None, description="`kubernetes_service_account_token`, as the name of a file, which may be rotated."
    )
    bearer_token_format: BearerFormat | None = Field(
        default=None,
        description="What becomes of `Authorization: Bearer` on this route. Default: the global setting, or `default`"
        " where everybody may pass.",
    )
    idp_access_token_allowed_audiences: Texts = Field(
        default_factory=list, description="Whom access tokens may be for on this route. Default: the global setting."
    )
    show_error_details: bool = Field(
        default=False,
        description="A refusal shows each criterion with its outcome. It tells strangers who would be let in.",
    )
    timeout: Duration | None = Field(
        default=None,
        description="How long a whole request may take; `0s` for no limit. Default: `default_upstream_timeout`, and no"
        " limit where upgrades are allowed.",
        examples=["2m"],
    )
    idle_timeout: Duration | None = Field(
        default=None,
        description="How long nothing may be sent in either direction; `0s` for no limit. Default: `5m`, and no limit"
        " where upgrades are allowed.",
        examples=["1h"],
    )
    allow_websockets: bool = Field(default=False, description="Connections may become WebSockets.")
    allow_spdy: bool = Field(
        default=False, description="Connections may become SPDY streams, as `kubectl exec` wants it."
    )
    allow_upgrades: Words = Field(
        default_factory=list,
        description="Further protocols that connections may change to. Not `connect`, `connect-udp` and `h2c`: they"
        " would carry requests that nobody judges.",
        examples=[["tailscale-control-protocol"]],
    )
    rate_limit: RateLimitKeys | None = Field(
        default=None,
        description="How many requests each Envoy lets through, whoever asks.",
        examples=[{"requests": 100, "interval": "1s", "burst": 200}],
    )
    tls_skip_verify: bool = Field(
        default=False, description="Take any certificate of the upstream: whoever answers there may read everything."
    )
    tls_server_name: str | None = Field(
        default=None, description="Name to ask the upstream for and to verify, instead of its host."
    )
    tls_upstream_server_name: str | None = Field(default=None, description="The same; it beats `tls_server_name`.")
    tls_custom_ca: str | None = Field(
        default=None,
        description="Authorities for the upstream's certificate in place of the system's, PEM or base64 of it.",
    )
    tls_custom_ca_file: FileName | None = Field(default=None, description="`tls_custom_ca`, as the name of a PEM file.")
    tls_client_cert: str | None = Field(
        default=None, description="Certificate that is shown to the upstream, PEM or base64 of it."
    )
    tls_client_cert_file: FileName | None = Field(
        default=None, description="`tls_client_cert`, as the name of a PEM file."
    )
    tls_client_key: SecretText | None = Field(default=None, description="Its private key, PEM or base64 of it.")
    tls_client_key_file: FileName | None = Field(
        default=None, description="`tls_client_key`, as the name of a PEM file."
    )
    load_balancing_policy: Literal["ROUND_ROBIN", "LEAST_REQUEST", "RANDOM", "RING_HASH", "MAGLEV"] = Field(
        default="ROUND_ROBIN",
        description="How one of several upstreams is chosen. With `RING_HASH` and `MAGLEV` a client address stays with"
        " one upstream.",
    )
    health_checks: list[HealthCheckKeys] = Field(
        default_factory=list,
        description="Probe the upstreams, and use those that are healthy. For now one at most.",
        examples=[[{"interval": "10s", "http_health_check": {"path": "/healthz"}}]],
    )
    healthy_panic_threshold: Percent | None = Field(
        default=None,
        description="Percentage of healthy upstreams below which all are used all the same; 0 for never. Default: 50.",
    )
    outlier_detection: OutlierDetectionKeys | None = Field(
        default=None,
        description="Leave out upstreams that fail, for a while.",
        examples=[{"consecutive_5xx": 5, "base_ejection_time": "30s"}],
    )
    circuit_breaker_thresholds: CircuitBreakerKeys | None = Field(
        default=None,
        description="How much may be under way to the upstreams at once.",
        examples=[{"max_connections": 100}],
    )
