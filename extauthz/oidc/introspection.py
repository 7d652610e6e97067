"""Asking the provider about an access token (RFC 7662)."""

from datetime import datetime
from typing import Any

from access_model.model import IdentityProvider
from extauthz.oidc.discovery import ProviderMetadata
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import Exchange, HttpRequest
from extauthz.oidc.signed_access import audiences_of, check_audience
from extauthz.oidc.signed_token import LEEWAY, check_subject, time_claim
from extauthz.oidc.token_kinds import ACCESS_TOKEN, refuse_bound

HTTP_OK = 200
HTTP_BAD_REQUEST = 400
HTTP_TOO_MANY = 429
_REFUSES_US = (400, 401, 403)
UNSUPPORTED = "unsupported_token_type"
"""The word of RFC 7009 section 2.2.1 for it; RFC 7662 has none."""
_KINDS = frozenset({"access_token", "access"})


def can_introspect(provider: IdentityProvider, metadata: ProviderMetadata) -> bool:
    """Whether we can ask: the endpoint answers nobody who cannot prove who they are (section 2.1)."""
    return metadata.introspection_endpoint is not None and metadata.client_auth(provider) != "none"


def introspect(
    provider: IdentityProvider, metadata: ProviderMetadata, token: str, audiences: tuple[str, ...], now: datetime
) -> Exchange[dict[str, Any] | None]:
    """What the provider says of an active token that is meant for us; None where it does not speak about tokens of this
    form, as some do not about signed ones. Raises `OidcError`.

    `audiences` are those that the operator named; without any the token must be for our client, or, where it is for
    nobody in particular, must have been issued to it.
    """
    assert metadata.introspection_endpoint is not None
    response = yield HttpRequest(
        "POST",
        metadata.introspection_endpoint,
        headers={"Accept": "application/json"},
        form=(("token", token), ("token_type_hint", "access_token")),
        client_auth=metadata.client_auth(provider),
    )
    if response.status >= 500 or response.status == HTTP_TOO_MANY:
        raise ProviderUnavailable(f"the provider's introspection endpoint answered {response.status}")
    claims = response.json_object()
    if response.status == HTTP_BAD_REQUEST and claims and claims.get("error") == UNSUPPORTED:
        return None
    if response.status in _REFUSES_US:
        raise NotTrusted(
            Reason.CLIENT, f"the provider's introspection endpoint refused this client with {response.status}"
        )
    if response.status != HTTP_OK or claims is None:
        raise NotTrusted(Reason.TOKEN_RESPONSE, f"the provider's introspection endpoint answered {response.status}")
    if claims.get("active") is not True:
        raise NotTrusted(Reason.TOKEN_INACTIVE, "the provider knows no such token, or it has ended")
    _check(claims, provider, metadata, audiences, now)
    return claims


def _check(
    claims: dict[str, Any],
    provider: IdentityProvider,
    metadata: ProviderMetadata,
    audiences: tuple[str, ...],
    now: datetime,
) -> None:
    if "iss" in claims and claims["iss"] != metadata.issuer:
        raise NotTrusted(Reason.ID_TOKEN_ISSUER, f"the token was issued by `{str(claims['iss'])[:200]}`")
    # Providers answer for refresh tokens, too; those must not open anything.
    kind, use = claims.get("token_type", "Bearer"), claims.get("token_use", "access_token")
    if str(kind).lower() != "bearer" or use not in _KINDS:
        raise NotTrusted(Reason.TOKEN_KIND, f"this is no bearer access token, but `{str(kind)[:50]}` `{str(use)[:50]}`")
    refuse_bound(claims, ACCESS_TOKEN)
    _check_end(claims, now)
    issued_to = (claims.get("client_id"), claims.get("azp"))
    if audiences or audiences_of(claims) or provider.client_id not in issued_to:
        check_audience(claims, audiences or (provider.client_id,))
    check_subject(claims, ACCESS_TOKEN)


def _check_end(claims: dict[str, Any], now: datetime) -> None:
    if "exp" in claims and time_claim(claims, "exp", ACCESS_TOKEN) + LEEWAY.total_seconds() <= now.timestamp():
        raise NotTrusted(Reason.ID_TOKEN_TIME, "the token has ended; compare the clocks of both sides")
