"""What all signed tokens of a provider share: header, signature, times (RFC 7519, RFC 8725)."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.key_set import PublicKey

LEEWAY = timedelta(seconds=60)
MAX_AGE = timedelta(minutes=10)
MAX_TOKEN = 100_000
MAX_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class TokenKind:
    """A kind of token; one is never taken for another (RFC 8725 section 3.11)."""

    name: str
    """What messages call it."""
    media_types: frozenset[str]
    """What its `typ` may say, lower case; without `typ` it counts as `jwt`."""
    end_optional: bool = False
    """Whether one without `exp` will do; `MAX_AGE` is its end then."""


ID_TOKEN = TokenKind("ID token", frozenset({"jwt"}))


@dataclass(frozen=True, slots=True)
class UnverifiedHeader:
    """What a token says about its own signature; good for finding the key, and for nothing else."""

    algorithm: str
    """One of the algorithms that were allowed."""
    kid: str | None
    """Id of the key."""


def read_header(unverified_token: str, allowed: tuple[str, ...], kind: TokenKind = ID_TOKEN) -> UnverifiedHeader:
    """The token's header; raises `NotTrusted` where it asks for what we do not do.

    Keys that a header brings along or points to (`jwk`, `jku`, `x5c`, `x5u`) are ignored.
    """
    header = _header(unverified_token, kind)
    algorithm, kid, media = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if algorithm not in allowed:
        raise NotTrusted(
            Reason.ID_TOKEN_ALGORITHM, f"the {kind.name} is signed with `{algorithm}`, accepted is {', '.join(allowed)}"
        )
    if "crit" in header or "b64" in header:
        raise NotTrusted(
            Reason.ID_TOKEN_MALFORMED, f"the {kind.name}'s header demands extensions that are not understood"
        )
    if not isinstance(media, str) or media.lower() not in kind.media_types:
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, f"the {kind.name} is of another kind: `{media}`")
    if kid is not None and not isinstance(kid, str):
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, f"the {kind.name}'s key id is not text")
    return UnverifiedHeader(algorithm, kid)


class _Registry(jws.JWSRegistry):
    """Names one algorithm, and lets unknown header members be (RFC 7515 section 4)."""

    max_header_length = 4096

    def __init__(self, algorithm: str) -> None:
        super().__init__(algorithms=[algorithm], strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        # Providers still say `EdDSA` where RFC 9864 says `Ed25519`, the only curve that `key_set` lets pass for it.
        return self.algorithms["Ed25519"] if name == "EdDSA" else super().get_alg(name)


def _header(token: str, kind: TokenKind) -> dict[str, Any]:
    parts = token.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 3 or not all(parts):
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, f"the {kind.name} is not a signed token of three parts")
    try:
        header = json.loads(urlsafe_b64decode(parts[0].encode()))
    except (ValueError, TypeError, RecursionError) as error:
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, f"the {kind.name}'s header cannot be read") from error
    if not isinstance(header, dict):
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, f"the {kind.name}'s header is not an object")
    return header


def signed_claims(
    token: str, header: UnverifiedHeader, keys: tuple[PublicKey, ...], kind: TokenKind = ID_TOKEN
) -> dict[str, Any]:
    """The claims, of which so far only the signature was checked; raises `NotTrusted`."""
    registry = _Registry(header.algorithm)
    for key in keys:
        try:
            payload = jws.deserialize_compact(token, key, registry=registry).payload
        except (JoseError, ValueError, TypeError):
            continue
        return _claims(payload, kind)
    raise NotTrusted(Reason.ID_TOKEN_SIGNATURE, f"the {kind.name}'s signature does not verify with the provider's key")


def _claims(payload: bytes | None, kind: TokenKind) -> dict[str, Any]:
    try:
        claims = json.loads(payload or b"")
    except (ValueError, RecursionError) as error:
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, f"the {kind.name}'s claims cannot be read") from error
    if not isinstance(claims, dict):
        raise NotTrusted(Reason.ID_TOKEN_MALFORMED, f"the {kind.name}'s claims are not an object")
    return claims


def check_times(claims: dict[str, Any], now: datetime, kind: TokenKind = ID_TOKEN) -> None:
    """`exp`, `iat` and `nbf` of a token that was made just now; raises `NotTrusted`."""
    check_lifetime(claims, now, kind)
    if time_claim(claims, "iat", kind) + (MAX_AGE + LEEWAY).total_seconds() < now.timestamp():
        raise NotTrusted(Reason.ID_TOKEN_TIME, f"the {kind.name} is older than ten minutes")


def check_lifetime(claims: dict[str, Any], now: datetime, kind: TokenKind = ID_TOKEN) -> None:
    """`exp`, `iat` and `nbf` of a token of any age, with a minute of leeway for clocks; raises `NotTrusted`."""
    moment = now.timestamp()
    leeway = LEEWAY.total_seconds()
    if not (kind.end_optional and "exp" not in claims) and time_claim(claims, "exp", kind) + leeway <= moment:
        raise NotTrusted(Reason.ID_TOKEN_TIME, f"the {kind.name} has expired; compare the clocks of both sides")
    if time_claim(claims, "iat", kind) > moment + leeway:
        raise NotTrusted(
            Reason.ID_TOKEN_TIME, f"the {kind.name} was issued in the future; compare the clocks of both sides"
        )
    if "nbf" in claims and time_claim(claims, "nbf", kind) > moment + leeway:
        raise NotTrusted(Reason.ID_TOKEN_TIME, f"the {kind.name} is not valid yet; compare the clocks of both sides")


def time_claim(claims: dict[str, Any], name: str, kind: TokenKind = ID_TOKEN) -> float:
    """A NumericDate, in seconds; raises `NotTrusted` where it is missing or none."""
    value = claims.get(name)
    # NaN compares false with everything, which would pass every check above.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise NotTrusted(Reason.ID_TOKEN_TIME, f"the {kind.name}'s `{name}` is missing or no time")
    return float(value)


def check_subject(claims: dict[str, Any], kind: TokenKind = ID_TOKEN) -> str:
    """The `sub`; raises `NotTrusted` where it cannot name a user."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise NotTrusted(
            Reason.ID_TOKEN_SUBJECT, f"the {kind.name} names no user: `sub` is missing, too long or no text"
        )
    return subject
