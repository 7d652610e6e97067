"""The ID token: nothing of it is believed before all of it was checked (OpenID Connect Core, section 3.1.3.7)."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extauthz.oidc.attempt import encoded
from extauthz.oidc.discovery import TENANT, TENANT_ID
from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.key_set import PublicKey
from extauthz.oidc.signed_token import (
    ID_TOKEN,
    UnverifiedHeader,
    check_lifetime,
    check_subject,
    check_times,
    signed_claims,
)
from extauthz.oidc.token_kinds import refuse_other_kinds

_HASHES: Mapping[str, Callable[[bytes], Any]] = {"EdDSA": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token has to say to be ours."""

    issuer: str
    """`iss`, exactly; `{tenantid}` in it stands for the tenant that the token itself names (`tid`)."""
    client_id: str
    """Who it has to be meant for."""
    nonce: str | None = field(repr=False)
    """`nonce` of the attempt; None where that is not known any more, and none may come."""
    access_token: str = field(repr=False)
    """The access token that came with it, for `at_hash`."""
    nonce_optional: bool = False
    """Whether a token without a nonce will do, as it does after a refresh."""


def verify_id_token(
    unverified_token: str,
    header: UnverifiedHeader,
    keys: tuple[PublicKey, ...],
    expected: Expected,
    now: datetime,
) -> dict[str, Any]:
    """The token's claims, all checked; raises `NotTrusted`."""
    claims = signed_claims(unverified_token, header, keys)
    _check_issuer(claims, expected)
    _check_audience(claims, expected)
    check_times(claims, now)
    _check_nonce(claims, expected)
    _check_access_token_hash(claims, expected, header.algorithm)
    check_subject(claims)
    return claims


def verify_presented_id_token(
    unverified_token: str,
    header: UnverifiedHeader,
    keys: tuple[PublicKey, ...],
    expected: Expected,
    now: datetime,
) -> dict[str, Any]:
    """The claims of an ID token that a program presents, for as long as it lasts; raises `NotTrusted`.

    Of what a sign-in checks, all but what ties the token to an attempt of ours: nonce, access token, and age.
    """
    claims = signed_claims(unverified_token, header, keys)
    _check_issuer(claims, expected)
    _check_audience(claims, expected)
    check_lifetime(claims, now)
    refuse_other_kinds(claims, ID_TOKEN)
    check_subject(claims)
    return claims


def _check_issuer(claims: dict[str, Any], expected: Expected) -> None:
    if claims.get("iss") != named_issuer(claims, expected.issuer):
        raise NotTrusted(
            Reason.ID_TOKEN_ISSUER, f"the ID token was issued by `{claims.get('iss')}`, not by `{expected.issuer}`"
        )


def named_issuer(claims: dict[str, Any], expected: str) -> str:
    """The issuer as expected; at Entra's endpoints for many tenants, whose keys sign for all, that of the tenant."""
    if TENANT not in expected:
        return expected
    tenant = claims.get("tid")
    return expected.replace(TENANT, tenant) if isinstance(tenant, str) and TENANT_ID.fullmatch(tenant) else ""


def _check_audience(claims: dict[str, Any], expected: Expected) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise NotTrusted(Reason.ID_TOKEN_AUDIENCE, f"the ID token is for `{audience}`, not for `{expected.client_id}`")
    if party is None and len(audiences) > 1:
        raise NotTrusted(Reason.ID_TOKEN_AUDIENCE, "the ID token is for several, and does not say (`azp`) for whom")
    if party is not None and party != expected.client_id:
        raise NotTrusted(Reason.ID_TOKEN_AUDIENCE, f"the ID token was issued to `{party}`")


def _check_nonce(claims: dict[str, Any], expected: Expected) -> None:
    nonce = claims.get("nonce")
    if nonce is None and expected.nonce_optional:
        return
    wanted = expected.nonce
    if wanted is None or not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), wanted.encode()):
        raise NotTrusted(Reason.ID_TOKEN_NONCE, "the ID token belongs to another sign-in: its nonce differs")


def _check_access_token_hash(claims: dict[str, Any], expected: Expected, algorithm: str) -> None:
    """The left half of the hash that the signature algorithm uses (OpenID Connect Core, section 3.1.3.6)."""
    if "at_hash" not in claims:
        return
    digest = _HASHES.get(algorithm, hashlib.sha256)(expected.access_token.encode()).digest()
    wanted = encoded(digest[: len(digest) // 2])
    if not isinstance(claims["at_hash"], str) or not hmac.compare_digest(claims["at_hash"].encode(), wanted.encode()):
        raise NotTrusted(Reason.ID_TOKEN_ACCESS_TOKEN_HASH, "the access token is not the one the ID token speaks of")
