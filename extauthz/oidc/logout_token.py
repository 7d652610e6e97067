"""The logout token of OpenID Connect Back-Channel Logout 1.0: who is to be signed out, on the provider's word."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc.util import urlsafe_b64decode

from access_model.model import IdentityProvider
from extauthz.oidc.discovery import discover
from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.http import Exchange
from extauthz.oidc.key_lookup import find_keys
from extauthz.oidc.signed_token import (
    LEEWAY,
    MAX_AGE,
    MAX_TOKEN,
    TokenKind,
    check_subject,
    check_times,
    read_header,
    signed_claims,
    time_claim,
)

# Providers that follow the drafts of before 2022 send no `exp`: to refuse them would keep people signed in.
LOGOUT_TOKEN = TokenKind("logout token", frozenset({"jwt", "logout+jwt"}), end_optional=True)
EVENT = "http://schemas.openid.net/event/backchannel-logout"
MAX_ID = 512


@dataclass(frozen=True, slots=True)
class Logout:
    """A verified order to sign somebody out."""

    issuer: str
    """Who says so."""
    user_id: str | None
    """`sub`: all sessions of this user, or the one of `provider_session`."""
    provider_session: str | None
    """`sid`: what hangs on this session at the provider. One of the two is always there."""
    id: str
    """`jti`; an order is followed once."""
    forgotten: datetime
    """From when on the token is refused for its age, so that its id need not be remembered longer."""


def unverified_provider(unverified_token: str, providers: Iterable[IdentityProvider]) -> IdentityProvider | None:
    """The provider that a token claims to be from and is meant for; good for choosing the keys, and nothing else."""
    claims = unverified_claims(unverified_token)
    issuer, audience = claims.get("iss"), claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    return next((each for each in providers if each.issuer == issuer and each.client_id in audiences), None)


def verify_logout_token(unverified_token: str, provider: IdentityProvider, now: datetime) -> Exchange[Logout]:
    """The order in a token, checked as section 2.6 has it, but for its single use; raises `NotTrusted`."""
    metadata = yield from discover(provider)
    header = read_header(unverified_token, metadata.id_token_algorithms, LOGOUT_TOKEN)
    keys = yield from find_keys(metadata.jwks_uri, header, LOGOUT_TOKEN)
    claims = signed_claims(unverified_token, header, keys, LOGOUT_TOKEN)
    _check_parties(claims, provider)
    check_times(claims, now, LOGOUT_TOKEN)
    _check_event(claims)
    subject = check_subject(claims, LOGOUT_TOKEN) if "sub" in claims else None
    session = _identifier(claims, "sid") if "sid" in claims else None
    if subject is None and session is None:
        raise _refusal("says neither whom (`sub`) nor which session (`sid`) it is about")
    issued = datetime.fromtimestamp(time_claim(claims, "iat", LOGOUT_TOKEN), UTC)
    forgotten = issued + MAX_AGE + LEEWAY + timedelta(seconds=1)
    return Logout(provider.issuer, subject, session, _identifier(claims, "jti"), forgotten)


def unverified_claims(token: str) -> dict[str, Any]:
    """The claims of a token before anything of it was checked; empty where they cannot be read."""
    parts = token.split(".")
    try:
        claims = json.loads(urlsafe_b64decode(parts[1].encode())) if len(token) <= MAX_TOKEN else None
    except (IndexError, ValueError, TypeError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _check_parties(claims: dict[str, Any], provider: IdentityProvider) -> None:
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if claims.get("iss") != provider.issuer:
        raise _refusal(f"was issued by `{claims.get('iss')}`, not by `{provider.issuer}`")
    if not isinstance(audiences, list) or provider.client_id not in audiences:
        raise _refusal(f"is for `{audience}`, not for `{provider.client_id}`")


def _check_event(claims: dict[str, Any]) -> None:
    events = claims.get("events")
    if not isinstance(events, dict) or set(events) != {EVENT} or not isinstance(events[EVENT], dict):
        raise _refusal("does not say that it is one (`events`)")
    if "nonce" in claims:
        # An ID token has one: without this, somebody's ID token could sign them out.
        raise _refusal("has a nonce, which marks an ID token")


def _identifier(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID or not value.isprintable():
        raise _refusal(f"has no `{name}` that can be one")
    return value


def _refusal(problem: str) -> NotTrusted:
    return NotTrusted(Reason.LOGOUT_TOKEN, f"the logout token {problem}")
