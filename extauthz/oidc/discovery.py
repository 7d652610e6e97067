"""Provider metadata (OpenID Connect Discovery 1.0, RFC 8414), checked."""

import re
from dataclasses import dataclass
from typing import Any

from access_model.bearer import DEFAULT_ALGORITHMS
from access_model.model import IdentityProvider
from extauthz.oidc.endpoints import checked_endpoint
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import ClientAuthMethod, Exchange, Freshness, HttpRequest, HttpResponse

ALGORITHMS = DEFAULT_ALGORITHMS
"""Signature algorithms of ID tokens that we accept where the provider announces them (RFC 8725 section 3.1)."""

HTTP_OK = 200

AZURE, GITHUB = "azure", "github"
TENANT = "{tenantid}"
TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MANY_TENANTS = ("common", "organizations", "consumers")


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What the provider says about itself."""

    issuer: str
    """Equal to the configured issuer, character for character."""
    token_issuer: str
    """`iss` of its tokens: the same, or for Entra's multi-tenant endpoints a pattern that holds `{tenantid}`."""
    authorization_endpoint: str
    """Where browsers are sent."""
    token_endpoint: str
    """Where codes become tokens."""
    jwks_uri: str
    """Its public keys."""
    userinfo_endpoint: str | None
    """Claims about the user."""
    end_session_endpoint: str | None
    """RP-Initiated Logout 1.0."""
    revocation_endpoint: str | None
    """RFC 7009."""
    introspection_endpoint: str | None
    """RFC 7662."""
    pushed_authorization_request_endpoint: str | None
    """RFC 9126."""
    requires_pushed_authorization: bool
    """Whether authorization requests have to be pushed."""
    announces_issuer: bool
    """Whether authorization responses carry `iss` (RFC 9207)."""
    id_token_algorithms: tuple[str, ...]
    """Algorithms that both sides accept; at least one."""
    client_auth_methods: tuple[str, ...]
    """What the token endpoint accepts."""

    def client_auth(self, provider: IdentityProvider) -> ClientAuthMethod:
        """How this client authenticates itself; raises `NotTrusted` where the two have nothing in common."""
        if provider.client_authentication is not None:
            return provider.client_authentication
        if provider.client_secret is None:
            return "none"
        if "client_secret_basic" in self.client_auth_methods:
            return "client_secret_basic"
        if "client_secret_post" in self.client_auth_methods:
            return "client_secret_post"
        offered = ", ".join(self.client_auth_methods)
        raise NotTrusted(
            Reason.METADATA,
            f"the provider takes no client secret at its token endpoint, only {offered}; "
            "register the client for client_secret_basic",
        )


def discover(provider: IdentityProvider) -> Exchange[ProviderMetadata]:
    """Ask for the metadata; raises `NotTrusted`. A kept copy that does not do is renewed before it is refused."""
    if provider.kind == GITHUB:
        return github_metadata(provider.issuer)
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    kept = yield HttpRequest("GET", url, freshness=Freshness.KEPT)
    try:
        return read_metadata(provider, kept)
    except NotTrusted:
        renewed = yield HttpRequest("GET", url, freshness=Freshness.RENEWED)
        return read_metadata(provider, renewed)


def find_key_set(issuer: str) -> Exchange[str]:
    """Where an issuer of tokens publishes its keys, on the word of its discovery document; raises `NotTrusted`."""
    url = issuer.rstrip("/") + "/.well-known/openid-configuration"
    document = (yield HttpRequest("GET", url, freshness=Freshness.KEPT)).json_object() or {}
    if document.get("issuer") != issuer:
        named = str(document.get("issuer"))[:200]
        raise NotTrusted(Reason.METADATA, f"the issuer calls itself `{named}`, the configuration `{issuer}`")
    return checked_endpoint("jwks_uri", document.get("jwks_uri"), issuer)


def github_metadata(issuer: str) -> ProviderMetadata:
    """What GitHub would say about itself if it had metadata; the same for GitHub Enterprise under its own URL."""
    base = issuer.rstrip("/")
    return ProviderMetadata(
        issuer=issuer,
        token_issuer=issuer,
        authorization_endpoint=f"{base}/login/oauth/authorize",
        token_endpoint=f"{base}/login/oauth/access_token",
        jwks_uri="",
        userinfo_endpoint="https://api.github.com/user" if base == "https://github.com" else f"{base}/api/v3/user",
        end_session_endpoint=None,
        revocation_endpoint=None,
        introspection_endpoint=None,
        pushed_authorization_request_endpoint=None,
        requires_pushed_authorization=False,
        announces_issuer=False,
        id_token_algorithms=(),
        client_auth_methods=("client_secret_post",),
    )


def read_metadata(provider: IdentityProvider, response: HttpResponse) -> ProviderMetadata:
    """Check a discovery document; raises `NotTrusted`."""
    if response.status != HTTP_OK:
        raise ProviderUnavailable(f"the provider answered its discovery document with {response.status}")
    document = response.json_object()
    if document is None:
        raise NotTrusted(Reason.METADATA, "the provider's discovery document is not a JSON object")
    token_issuer = _announced_issuer(document, provider)
    _check_flow(document)
    return _metadata(document, provider.issuer, token_issuer)


def _metadata(document: dict[str, Any], issuer: str, token_issuer: str) -> ProviderMetadata:
    def required(name: str) -> str:
        return checked_endpoint(name, document.get(name), issuer)

    def optional(name: str) -> str | None:
        return None if document.get(name) is None else required(name)

    return ProviderMetadata(
        issuer=issuer,
        token_issuer=token_issuer,
        authorization_endpoint=required("authorization_endpoint"),
        token_endpoint=required("token_endpoint"),
        jwks_uri=required("jwks_uri"),
        userinfo_endpoint=optional("userinfo_endpoint"),
        end_session_endpoint=optional("end_session_endpoint"),
        revocation_endpoint=optional("revocation_endpoint"),
        introspection_endpoint=optional("introspection_endpoint"),
        pushed_authorization_request_endpoint=optional("pushed_authorization_request_endpoint"),
        requires_pushed_authorization=document.get("require_pushed_authorization_requests") is True,
        announces_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        id_token_algorithms=_algorithms(document),
        client_auth_methods=_words(document, "token_endpoint_auth_methods_supported") or ("client_secret_basic",),
    )


def _announced_issuer(document: dict[str, Any], provider: IdentityProvider) -> str:
    announced, issuer = document.get("issuer"), provider.issuer
    if provider.kind == AZURE and isinstance(announced, str) and _is_tenants(announced, issuer):
        return announced
    if announced != issuer:
        raise NotTrusted(
            Reason.METADATA,
            f"the provider calls itself `{announced}`, the configuration `{issuer}`; "
            "they must be equal, to the last slash: correct `idp_provider_url`",
        )
    return issuer


def _is_tenants(announced: str, issuer: str) -> bool:
    """Whether an issuer is the pattern of an endpoint of Entra for many tenants (`/common/`, `/organizations/`)."""
    host, _, rest = issuer.rpartition("/v2.0")[0].rpartition("/")
    return rest in _MANY_TENANTS and announced == f"{host}/{TENANT}/v2.0"


def may_issue(provider: IdentityProvider, issuer: str) -> bool:
    """Whether tokens of a provider may name this issuer: its own, or that of one of many tenants at Entra."""
    if provider.kind != AZURE:
        return issuer == provider.issuer
    host, _, tenants = provider.issuer.rpartition("/v2.0")[0].rpartition("/")
    tenant = issuer.removeprefix(f"{host}/").removesuffix("/v2.0")
    of_tenant = tenants in _MANY_TENANTS and issuer == f"{host}/{tenant}/v2.0" and TENANT_ID.fullmatch(tenant)
    return issuer == provider.issuer or bool(of_tenant)


def _check_flow(document: dict[str, Any]) -> None:
    # Silence on PKCE is common and says nothing: the challenge is sent in any case.
    methods = _words(document, "code_challenge_methods_supported")
    if methods and "S256" not in methods:
        raise NotTrusted(Reason.METADATA, "the provider offers PKCE only without S256, which protects nobody")
    types = _words(document, "response_types_supported")
    if types and "code" not in types:
        raise NotTrusted(Reason.METADATA, "the provider does not offer the authorization code flow")


def _algorithms(document: dict[str, Any]) -> tuple[str, ...]:
    offered = _words(document, "id_token_signing_alg_values_supported") or ("RS256",)
    common = tuple(algorithm for algorithm in ALGORITHMS if algorithm in offered)
    if not common:
        raise NotTrusted(
            Reason.METADATA,
            f"the provider signs ID tokens with {', '.join(offered)} alone; accepted are {', '.join(ALGORITHMS)}",
        )
    return common


def _words(document: dict[str, Any], name: str) -> tuple[str, ...]:
    value = document.get(name)
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()
