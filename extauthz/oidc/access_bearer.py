"""An access token of the provider as a credential (`bearer_token_format: idp_access_token`).

The provider is asked about it (introspection). One that has no such endpoint, or none for us or for tokens of this
form, is asked for userinfo, which says who but not for whom: a signed token says that itself, and any other counts only
where the operator takes every audience. Otherwise whoever runs another application at that provider could use the
tokens of its visitors here (RFC 6749 section 10.16).
"""

from datetime import datetime
from typing import Any

from access_model.bearer import ANY_AUDIENCE
from access_model.model import IdentityProvider
from access_model.secret import Secret
from extauthz.oidc.claims import flatten
from extauthz.oidc.discovery import ALGORITHMS, AZURE, TENANT, ProviderMetadata, discover
from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.finish import address_verified, user_id
from extauthz.oidc.http import Exchange
from extauthz.oidc.introspection import can_introspect, introspect
from extauthz.oidc.signed_access import Wanted, verify_signed
from extauthz.oidc.signed_in import SignedIn
from extauthz.oidc.signed_token import check_subject
from extauthz.oidc.token_kinds import ACCESS_TOKEN
from extauthz.oidc.userinfo import ask_userinfo, fetch_userinfo
from extauthz.oidc.vouched import Vouched, end_of
from session_store.records import Tokens

JWT_DOTS = 2


def verify_access_token(
    provider: IdentityProvider, token: str, audiences: tuple[str, ...], now: datetime
) -> Exchange[Vouched]:
    """Whom an access token speaks for; raises `OidcError`. For `audiences` see `introspect`."""
    metadata = yield from discover(provider)
    claims = None
    if can_introspect(provider, metadata):
        claims = yield from introspect(provider, metadata, token, audiences, now)
    if claims is not None:
        profile = yield from _introspected_profile(provider, metadata, token, claims)
    elif token.count(".") == JWT_DOTS:
        wanted = Wanted(metadata.token_issuer, audiences or (provider.client_id,), ALGORITHMS)
        claims = yield from verify_signed(metadata.jwks_uri, token, wanted, now)
        claims |= address_verified(metadata, claims)
        profile = yield from _confirmed_profile(provider, metadata, token, claims)
    else:
        claims = profile = yield from _opaque(provider, metadata, token, audiences)
    issuer = claims["iss"] if TENANT in metadata.token_issuer else metadata.issuer
    tokens = Tokens(access_token=Secret.of(token))
    who = SignedIn(issuer, user_id(provider, claims), flatten(claims), flatten(profile), tokens)
    return Vouched(who, provider.id, end_of(claims))


def _introspected_profile(
    provider: IdentityProvider, metadata: ProviderMetadata, token: str, claims: dict[str, Any]
) -> Exchange[dict[str, Any]]:
    """The user's profile, for tokens that are good for it. Where the answer does not say that this is an access token
    rather than a refresh token, the profile has to prove it."""
    proven = "token_type" in claims or "token_use" in claims
    if proven and not _is_for_userinfo(claims):
        return {}
    try:
        profile = yield from fetch_userinfo(provider, metadata, token, claims["sub"])
    except NotTrusted as refused:
        if proven and refused.reason is Reason.USERINFO:
            return {}
        raise
    if not profile and not proven:
        raise NotTrusted(Reason.TOKEN_KIND, "nobody says whether this is an access token")
    return profile


def _confirmed_profile(
    provider: IdentityProvider, metadata: ProviderMetadata, token: str, claims: dict[str, Any]
) -> Exchange[dict[str, Any]]:
    """The user's profile. Only here the provider can say that it takes a signed token no longer."""
    # Entra's userinfo takes no token that is for us
    if provider.kind == AZURE or not _is_for_userinfo(claims):
        return {}
    return (yield from fetch_userinfo(provider, metadata, token, claims["sub"]))


def _is_for_userinfo(claims: dict[str, Any]) -> bool:
    return "openid" in str(claims.get("scope", "")).split()


def _opaque(
    provider: IdentityProvider, metadata: ProviderMetadata, token: str, audiences: tuple[str, ...]
) -> Exchange[dict[str, Any]]:
    if ANY_AUDIENCE not in audiences or metadata.userinfo_endpoint is None:
        raise NotTrusted(
            Reason.ID_TOKEN_AUDIENCE,
            "the provider does not say whom this token is for; with `*` in `idp_access_token_allowed_audiences` every"
            " token of the provider counts, whoever it was given to",
        )
    claims = yield from ask_userinfo(provider, metadata, token)
    check_subject(claims, ACCESS_TOKEN)
    return claims
