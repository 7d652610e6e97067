"""Asking the provider again about a session: new tokens (RFC 6749 section 6, OpenID Connect Core section 12)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc.util import urlsafe_b64decode

from access_model.model import IdentityProvider
from access_model.secret import Secret
from extauthz.oidc.claims import FlatClaims, first, flatten, truth
from extauthz.oidc.discovery import GITHUB, TENANT, ProviderMetadata, discover
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.finish import address_verified
from extauthz.oidc.http import Exchange, HttpRequest
from extauthz.oidc.id_token import Expected, verify_id_token
from extauthz.oidc.key_lookup import find_keys
from extauthz.oidc.signed_token import read_header
from extauthz.oidc.tokens import TokenResponse, read_token_response
from extauthz.oidc.userinfo import fetch_userinfo
from session_store.records import Tokens

UNCHANGING = ("iss", "sub", "auth_time")
"""Claims of an ID token that a later one of the same sign-in must repeat, if it has them at all."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """New tokens."""

    tokens: Tokens
    """The tokens, old ones where the provider gave no new."""
    claims: FlatClaims | None
    """Claims of the new ID token; None where there was none."""


@dataclass(frozen=True, slots=True)
class RefreshRefused:
    """No new tokens, now or later: the provider has ended what the session stands on."""

    reason: Reason
    """Why."""
    detail: str
    """For the operator; holds no secret."""


def refresh_tokens(provider: IdentityProvider, held: Tokens, now: datetime) -> Exchange[Refreshed | RefreshRefused]:
    """Trade the refresh token for new tokens, once.

    Raises `ProviderUnavailable`, and `NotTrusted` where the client is refused rather than the token. What was given is
    never lost: where the new ID token cannot be checked now, because keys cannot be had, the old one stays.
    """
    assert held.refresh_token is not None
    metadata = yield from discover(provider)
    response = yield HttpRequest(
        "POST",
        metadata.token_endpoint,
        form=(("grant_type", "refresh_token"), ("refresh_token", held.refresh_token.reveal_text())),
        client_auth=metadata.client_auth(provider),
    )
    try:
        given = read_token_response(response, id_token_required=False)
    except NotTrusted as refused:
        if refused.reason is Reason.CODE:
            return RefreshRefused(Reason.REFRESH_TOKEN, "the provider takes this session's refresh token no longer")
        raise
    fresh = given.tokens(now)
    refresh_token = fresh.refresh_token or held.refresh_token
    tokens = Tokens(fresh.access_token, refresh_token, held.id_token, fresh.access_expires)
    if not given.unverified_id_token or held.id_token is None:
        return Refreshed(tokens, None)
    try:
        claims = yield from _id_token_claims(provider, metadata, given, held.id_token, now)
    except ProviderUnavailable:
        return Refreshed(tokens, None)
    except NotTrusted as refused:
        return RefreshRefused(refused.reason, str(refused))
    verified = Secret.of(given.unverified_id_token)
    return Refreshed(
        Tokens(fresh.access_token, refresh_token, verified, fresh.access_expires),
        flatten(claims | address_verified(metadata, claims)),
    )


def renew_profile(provider: IdentityProvider, access_token: Secret, claims: FlatClaims) -> Exchange[FlatClaims | None]:
    """The profile, as it is now, of the user whose ID token has these claims. Raises `OidcError`.

    None where the provider has none: GitHub's is about no `sub`, and was read at the sign-in.
    """
    metadata = yield from discover(provider)
    if metadata.userinfo_endpoint is None or provider.kind == GITHUB:
        return None
    profile = yield from fetch_userinfo(provider, metadata, access_token.reveal_text(), first(claims, "sub"))
    if TENANT in metadata.token_issuer:  # what was believed of the address counts, see `address_verified`
        profile["email_verified"] = bool(truth(claims, "email_verified"))
    return flatten(profile)


def _id_token_claims(
    provider: IdentityProvider, metadata: ProviderMetadata, given: TokenResponse, held: Secret, now: datetime
) -> Exchange[dict[str, Any]]:
    """The claims of a new ID token: of the same user, sign-in and nonce as the one before (section 12.2)."""
    before = _own_claims(held)
    unverified_token = given.unverified_id_token
    header = read_header(unverified_token, metadata.id_token_algorithms)
    keys = yield from find_keys(metadata.jwks_uri, header)
    nonce = before.get("nonce")
    expected = Expected(metadata.token_issuer, provider.client_id, nonce, given.access_token, nonce_optional=True)
    claims = verify_id_token(unverified_token, header, keys, expected, now)
    for name in UNCHANGING:
        if name in claims and name in before and claims[name] != before[name]:
            raise NotTrusted(
                Reason.ID_TOKEN_SUBJECT, f"the new ID token is of another sign-in than the one before: `{name}` differs"
            )
    return claims


def _own_claims(held: Secret) -> dict[str, Any]:
    """The claims of an ID token that was verified when it came, and kept sealed since."""
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(held.reveal().split(b".")[1]))
    return claims
