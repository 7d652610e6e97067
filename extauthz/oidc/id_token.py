"""The ID token: nothing of it is believed before all of it was checked (OpenID Connect Core, section 3.1.3.7)."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from extauthz.oidc.attempt import encoded
from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.key_set import PublicKey

LEEWAY = timedelta(seconds=60)
MAX_AGE = timedelta(minutes=10)
MAX_TOKEN = 100_000
MAX_SUBJECT = 255

_HASHES: Mapping[str, Callable[[bytes], Any]] = {"EdDSA": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class UnverifiedHeader:
    """What a token says about its own signature; good for finding the key, and for nothing else."""

    algorithm: str
    """One of the algorithms that were allowed."""
    kid: str | None
    """Id of the key."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token has to say to be ours."""

    issuer: str
    """`iss`, exactly."""
    client_id: str
    """Who it has to be meant for."""
    nonce: str = field(repr=False)
    """`nonce` of the attempt."""
    access_token: str = field(repr=False)
    """The access token that came with it, for `at_hash`."""


def read_header(unverified_token: str, allowed: tuple[str, ...]) -> UnverifiedHeader:
    """The token's header; raises `NotTrusted` where it asks for what we do not do.

    Keys that a header brings along or points to (`jwk`, `jku`, `x5c`, `x5u`) are ignored.
    """
    header = _header(unverified_token)
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if algorithm not in allowed:
        raise NotTrusted(
            Reason.ID_TOKEN_ALGORITHM, f"the ID token is signed with `{algorithm}`, accepted is {', '.join(allowed)}"
        )
    if "crit" in header or "b64" in header:
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, "the ID token's header demands extensions that are not understood")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, f"the ID token is of another kind: `{kind}`")
    if kid is not None and not isinstance(kid, str):
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, "the ID token's key id is not text")
    return UnverifiedHeader(algorithm, kid)


def verify_id_token(
    unverified_token: str,
    header: UnverifiedHeader,
    keys: tuple[PublicKey, ...],
    expected: Expected,
    now: datetime,
) -> dict[str, Any]:
    """The token's claims, all checked; raises `NotTrusted`."""
    claims = _signed_claims(unverified_token, header, keys)
    _check_issuer(claims, expected)
    _check_audience(claims, expected)
    _check_times(claims, now)
    _check_nonce(claims, expected)
    _check_access_token_hash(claims, expected, header.algorithm)
    check_subject(claims)
    return claims


class _Registry(jws.JWSRegistry):
    """Names one algorithm, and lets unknown header members be (RFC 7515 section 4)."""

    max_header_length = 4096

    def __init__(self, algorithm: str) -> None:
        super().__init__(algorithms=[algorithm], strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        # Providers still say `EdDSA` where RFC 9864 says `Ed25519`, the only curve that `key_set` lets pass for it.
        return self.algorithms["Ed25519"] if name == "EdDSA" else super().get_alg(name)


def _header(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 3 or not all(parts):
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, "the ID token is not a signed token of three parts")
    try:
        header = json.loads(urlsafe_b64decode(parts[0].encode()))
    except (ValueError, TypeError, RecursionError) as error:
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, "the ID token's header cannot be read") from error
    if not isinstance(header, dict):
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, "the ID token's header is not an object")
    return header


def _signed_claims(token: str, header: UnverifiedHeader, keys: tuple[PublicKey, ...]) -> dict[str, Any]:
    registry = _Registry(header.algorithm)
    for key in keys:
        try:
            payload = jws.deserialize_compact(token, key, registry=registry).payload
        except (JoseError, ValueError, TypeError):
            continue
        return _claims(payload)
    raise NotTrusted(Reason.ID_TOKEN_SIGNATURE, "the ID token's signature does not verify with the provider's key")


def _claims(payload: bytes | None) -> dict[str, Any]:
    try:
        claims = json.loads(payload or b"")
    except (ValueError, RecursionError) as error:
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, "the ID token's claims cannot be read") from error
    if not isinstance(claims, dict):
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, "the ID token's claims are not an object")
    return claims


def _check_issuer(claims: dict[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise NotTrusted(
            Reason.ID_TOKEN_ISSUER, f"the ID token was issued by `{claims.get('iss')}`, not by `{expected.issuer}`"
        )


def _check_audience(claims: dict[str, Any], expected: Expected) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise NotTrusted(Reason.ID_TOKEN_AUDIENCE, f"the ID token is for `{audience}`, not for `{expected.client_id}`")
    if party is None and len(audiences) > 1:
        raise NotTrusted(Reason.ID_TOKEN_AUDIENCE, "the ID token is for several, and does not say (`azp`) for whom")
    if party is not None and party != expected.client_id:
        raise NotTrusted(Reason.ID_TOKEN_AUDIENCE, f"the ID token was issued to `{party}`")


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    moment = now.timestamp()
    leeway = LEEWAY.total_seconds()
    if _time(claims, "exp") + leeway <= moment:
        raise NotTrusted(Reason.ID_TOKEN_TIME, "the ID token has expired; compare the clocks of both sides")
    issued = _time(claims, "iat")
    if issued > moment + leeway:
        raise NotTrusted(
            Reason.ID_TOKEN_TIME, "the ID token was issued in the future; compare the clocks of both sides"
        )
    if issued + MAX_AGE.total_seconds() + leeway < moment:
        raise NotTrusted(Reason.ID_TOKEN_TIME, "the ID token is not of this sign-in: it is older than ten minutes")
    if "nbf" in claims and _time(claims, "nbf") > moment + leeway:
        raise NotTrusted(Reason.ID_TOKEN_TIME, "the ID token is not valid yet; compare the clocks of both sides")


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    # NaN compares false with everything, which would pass every check above.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise NotTrusted(Reason.ID_TOKEN_TIME, f"the ID token's `{name}` is missing or no time")
    return float(value)


def _check_nonce(claims: dict[str, Any], expected: Expected) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise NotTrusted(Reason.ID_TOKEN_NONCE, "the ID token belongs to another sign-in: its nonce differs")


def _check_access_token_hash(claims: dict[str, Any], expected: Expected, algorithm: str) -> None:
    """The left half of the hash that the signature algorithm uses (OpenID Connect Core, section 3.1.3.6)."""
    if "at_hash" not in claims:
        return
    digest = _HASHES.get(algorithm, hashlib.sha256)(expected.access_token.encode()).digest()
    wanted = encoded(digest[: len(digest) // 2])
    if not isinstance(claims["at_hash"], str) or not hmac.compare_digest(claims["at_hash"].encode(), wanted.encode()):
        raise NotTrusted(Reason.ID_TOKEN_ACCESS_TOKEN_HASH, "the access token is not the one the ID token speaks of")


def check_subject(claims: dict[str, Any]) -> str:
    """The `sub`; raises `NotTrusted` where it cannot name a user."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise NotTrusted(Reason.ID_TOKEN_SUBJECT, "the ID token names no user: `sub` is missing, too long or no text")
    return subject
