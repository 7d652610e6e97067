"""Provider metadata (OpenID Connect Discovery 1.0, RFC 8414), checked."""

from dataclasses import dataclass
from typing import Any

from access_model.model import IdentityProvider
from extauthz.oidc.endpoints import checked_endpoint
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import ClientAuthMethod, Exchange, Freshness, HttpRequest, HttpResponse

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signature algorithms of ID tokens that we accept where the provider announces them (RFC 8725 section 3.1)."""

HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What the provider says about itself."""

    issuer: str
    """Equal to the configured issuer, character for character."""
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
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    kept = yield HttpRequest("GET", url, freshness=Freshness.KEPT)
    try:
        return read_metadata(provider.issuer, kept)
    except NotTrusted:
        renewed = yield HttpRequest("GET", url, freshness=Freshness.RENEWED)
        return read_metadata(provider.issuer, renewed)


def read_metadata(issuer: str, response: HttpResponse) -> ProviderMetadata:
    """Check a discovery document; raises `NotTrusted`."""
    if response.status != HTTP_OK:
        raise ProviderUnavailable(f"the provider answered its discovery document with {response.status}")
    document = response.json_object()
    if document is None:
        raise NotTrusted(Reason.METADATA, "the provider's discovery document is not a JSON object")
    _check_issuer(document, issuer)
    _check_flow(document)
    return _metadata(document, issuer)


def _metadata(document: dict[str, Any], issuer: str) -> ProviderMetadata:
    def required(name: str) -> str:
        return checked_endpoint(name, document.get(name), issuer)

    def optional(name: str) -> str | None:
        return None if document.get(name) is None else required(name)

    return ProviderMetadata(
        issuer=issuer,
        authorization_endpoint=required("authorization_endpoint"),
        token_endpoint=required("token_endpoint"),
        jwks_uri=required("jwks_uri"),
        userinfo_endpoint=optional("userinfo_endpoint"),
        end_session_endpoint=optional("end_session_endpoint"),
        revocation_endpoint=optional("revocation_endpoint"),
        pushed_authorization_request_endpoint=optional("pushed_authorization_request_endpoint"),
        requires_pushed_authorization=document.get("require_pushed_authorization_requests") is True,
        announces_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        id_token_algorithms=_algorithms(document),
        client_auth_methods=_words(document, "token_endpoint_auth_methods_supported") or ("client_secret_basic",),
    )


def _check_issuer(document: dict[str, Any], issuer: str) -> None:
    announced = document.get("issuer")
    if announced != issuer:
        raise NotTrusted(
            Reason.METADATA,
            f"the provider calls itself `{announced}`, the configuration `{issuer}`; "
            "they must be equal, to the last slash: correct `idp_provider_url`",
        )


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
