"""The userinfo endpoint (OpenID Connect Core, section 5.3)."""

import hmac
from typing import Any

from access_model.model import IdentityProvider
from extauthz.oidc.discovery import ALGORITHMS, ProviderMetadata
from extauthz.oidc.errors import AccessTokenRefused, NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import Exchange, HttpRequest, HttpResponse
from extauthz.oidc.id_token import named_issuer
from extauthz.oidc.key_lookup import find_keys
from extauthz.oidc.signed_token import TokenKind, read_header, signed_claims

HTTP_OK = 200
HTTP_UNAUTHORIZED = 401
HTTP_TOO_MANY = 429
JWT = "application/jwt"
USERINFO = TokenKind("userinfo", frozenset({"jwt", "userinfo+jwt"}))


def fetch_userinfo(
    provider: IdentityProvider, metadata: ProviderMetadata, access_token: str, subject: str
) -> Exchange[dict[str, Any]]:
    """Claims about the user of the ID token; empty where the provider has no such endpoint. Raises `NotTrusted`."""
    if metadata.userinfo_endpoint is None:
        return {}
    claims = yield from ask_userinfo(provider, metadata, access_token)
    # Without this, a provider's mix-up of access tokens would give one user the claims of another.
    named = claims.get("sub")
    if not isinstance(named, str) or not hmac.compare_digest(named.encode(), subject.encode()):
        raise NotTrusted(Reason.USERINFO_SUBJECT, "the provider's userinfo is about somebody else than the ID token")
    return claims


def ask_userinfo(provider: IdentityProvider, metadata: ProviderMetadata, access_token: str) -> Exchange[dict[str, Any]]:
    """Claims about whoever an access token is of, at a provider that has this endpoint; raises `OidcError`."""
    assert metadata.userinfo_endpoint is not None
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
    response = yield HttpRequest("GET", metadata.userinfo_endpoint, headers=headers)
    if response.status >= 500 or response.status == HTTP_TOO_MANY:
        raise ProviderUnavailable(f"the provider's userinfo endpoint answered {response.status}")
    if response.status == HTTP_UNAUTHORIZED:
        raise AccessTokenRefused(Reason.USERINFO, "the provider's userinfo endpoint refuses the access token")
    if response.status == HTTP_OK and response.content_type == JWT:
        return (yield from _signed(provider, metadata, response))
    claims = response.json_object()
    if response.status != HTTP_OK or claims is None:
        raise NotTrusted(
            Reason.USERINFO,
            f"the provider's userinfo endpoint answered {response.status} `{response.content_type}`, not a JSON object",
        )
    return claims


def _signed(provider: IdentityProvider, metadata: ProviderMetadata, response: HttpResponse) -> Exchange[dict[str, Any]]:
    """The claims of a signed response (section 5.3.2), which a client gets that is registered for it."""
    text = response.body.decode("latin-1").strip()
    try:
        header = read_header(text, ALGORITHMS, USERINFO)
        keys = yield from find_keys(metadata.jwks_uri, header, USERINFO)
        claims = signed_claims(text, header, keys, USERINFO)
    except NotTrusted as refused:
        raise NotTrusted(Reason.USERINFO, str(refused)) from refused
    audience = claims.get("aud", provider.client_id)
    audiences = audience if isinstance(audience, list) else [audience]
    issuer = named_issuer(claims, metadata.token_issuer)
    if claims.get("iss", issuer) != issuer or provider.client_id not in audiences:
        raise NotTrusted(Reason.USERINFO, "the provider's userinfo is signed by or for somebody else")
    return claims
