"""The second half of a sign-in: from the authorization response to a user, or to a reason why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access_model.model import IdentityProvider
from extauthz.oidc.attempt import Attempt
from extauthz.oidc.callback import check_issuer, read_response
from extauthz.oidc.claims import flatten
from extauthz.oidc.discovery import AZURE, GITHUB, TENANT, ProviderMetadata, discover
from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.github import finish_github
from extauthz.oidc.http import Exchange
from extauthz.oidc.id_token import Expected, verify_id_token
from extauthz.oidc.key_lookup import find_keys
from extauthz.oidc.signed_in import SignedIn
from extauthz.oidc.signed_token import read_header
from extauthz.oidc.tokens import TokenResponse, redeem_code
from extauthz.oidc.userinfo import fetch_userinfo


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """No user: the sign-in ends here."""

    reason: Reason
    """Why."""
    detail: str
    """For the operator; holds no secret."""


def finish_sign_in(
    attempt: Attempt, params: Iterable[tuple[str, str]], provider: IdentityProvider, now: datetime
) -> Exchange[SignedIn | SignInRefused]:
    """Turn the authorization response of an attempt into a user.

    `params` are all parameters of the response, repeated ones included. The code is redeemed at most once.
    """
    try:
        return (yield from _finish(attempt, params, provider, now))
    except NotTrusted as refused:
        return SignInRefused(refused.reason, str(refused))


def _finish(
    attempt: Attempt, params: Iterable[tuple[str, str]], provider: IdentityProvider, now: datetime
) -> Exchange[SignedIn]:
    response = read_response(params)
    metadata = yield from discover(provider)
    if attempt.issuer != metadata.issuer:
        raise NotTrusted(Reason.RESPONSE_ISSUER, f"`{attempt.issuer}` was asked, which is not configured any more")
    check_issuer(response, metadata.issuer, announced=metadata.announces_issuer)
    if provider.kind == GITHUB:
        return (yield from finish_github(provider, metadata, attempt, response.code, now))
    tokens = yield from redeem_code(provider, metadata, attempt, response.code)
    claims = yield from _id_token_claims(attempt, provider, metadata, tokens, now)
    userinfo = yield from fetch_userinfo(provider, metadata, tokens.access_token, claims["sub"])
    verified = address_verified(metadata, claims)
    claims, userinfo = claims | verified, userinfo | verified
    subject = user_id(provider, claims)
    return SignedIn(claims["iss"], subject, flatten(claims), flatten(userinfo), tokens.tokens(now))


def _id_token_claims(
    attempt: Attempt, provider: IdentityProvider, metadata: ProviderMetadata, tokens: TokenResponse, now: datetime
) -> Exchange[dict[str, Any]]:
    header = read_header(tokens.unverified_id_token, metadata.id_token_algorithms)
    keys = yield from find_keys(metadata.jwks_uri, header)
    expected = Expected(metadata.token_issuer, provider.client_id, attempt.nonce, tokens.access_token)
    return verify_id_token(tokens.unverified_id_token, header, keys, expected, now)


def address_verified(metadata: ProviderMetadata, claims: dict[str, Any]) -> dict[str, bool]:
    """What to believe of the address instead of what the provider says; empty where its own word counts.

    Whoever runs a tenant of Entra writes what addresses they like; `xms_edov` alone says that the domain is theirs.
    """
    if TENANT not in metadata.token_issuer:
        return {}
    return {"email_verified": str(claims.get("xms_edov")).lower() in ("1", "true")}


def user_id(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    """The name of a user: `sub`; at Entra, where that differs from client to client, the object id."""
    object_id = claims.get("oid") if provider.kind == AZURE else None
    return object_id if isinstance(object_id, str) and object_id else str(claims["sub"])
