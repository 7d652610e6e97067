"""Judges one assertion: what an application behind the proxy has to check before it believes a header.

Pure: the keys, the expected hosts and the time are arguments. The checks are those of RFC 8725 (JWT best current
practices): an algorithm from our own list, a key we were given, the signature, the issuer, the audience, the times.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeGuard

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

ALGORITHMS = ("ES256", "RS256")
LEEWAY = 60
"""Seconds by which two clocks may differ."""
LATEST = 253402300799
"""The last second of the year 9999, after which a number is no time any more."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold."""

    name: str
    """What is checked, in a word or two."""
    ok: bool
    """Whether it holds."""
    detail: str
    """What was found, in words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one request's assertion."""

    checks: tuple[Check, ...]
    """Every check, in the order in which an application would make them."""
    header: Mapping[str, Any]
    """The decoded protected header, empty when there is none."""
    claims: Mapping[str, Any]
    """The decoded claims, empty when there are none. Believe them only if `valid`."""

    @property
    def valid(self) -> bool:
        """True when every check holds."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class Keys:
    """The proxy's public keys, or why there are none."""

    found: KeySet | None
    """The keys, None when they could not be fetched."""
    source: str
    """The URL they come from."""
    problem: str = ""
    """Why they could not be fetched."""


def judge(tokens: Sequence[str], keys: Keys, hosts: Sequence[str], now: float) -> Verdict:
    """Judge the values of the assertion header of one request.

    `tokens` are all values of the header (exactly one is right), `hosts` the names this application is served under,
    without port, `now` is in seconds since the epoch. Never raises: whatever is wrong becomes a failed check.
    """
    if len(tokens) != 1:
        found = "the request carries no assertion" if not tokens else f"the request carries {len(tokens)} assertions"
        return Verdict((Check("present", ok=False, detail=found),), {}, {})
    present = Check("present", ok=True, detail=f"one assertion of {len(tokens[0])} characters")
    try:
        header, claims = _decode(tokens[0])
    except ValueError as error:
        return Verdict((present, Check("well-formed", ok=False, detail=str(error))), {}, {})
    checks = (
        present,
        _algorithm(header),
        *_signature(tokens[0], header, keys),
        *_times(claims, now),
        _issuer(claims, hosts),
        _audience(claims, hosts),
    )
    return Verdict(checks, header, claims)


def _decode(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError(f"a compact JWS has three parts, this has {len(parts)}")
    return _json_object(parts[0], "header"), _json_object(parts[1], "claims")


def _json_object(part: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError, RecursionError) as error:
        raise ValueError(f"the {name} cannot be decoded: {error}") from None
    if not isinstance(value, dict):
        raise ValueError(f"the {name} is no JSON object")
    return value


def _algorithm(header: Mapping[str, Any]) -> Check:
    algorithm = header.get("alg")
    return Check("algorithm", ok=algorithm in ALGORITHMS, detail=f"{algorithm}; accepted: {', '.join(ALGORITHMS)}")


def _signature(token: str, header: Mapping[str, Any], keys: Keys) -> tuple[Check, Check]:
    key, found = _key(header.get("kid"), keys)
    if key is None:
        return found, Check("signature", ok=False, detail="not verified: there is no key to verify it with")
    try:
        jws.deserialize_compact(token, key, algorithms=ALGORITHMS)
    except (JoseError, ValueError, TypeError) as error:
        return found, Check("signature", ok=False, detail=f"does not verify: {error}")
    return found, Check("signature", ok=True, detail="made by that key over this header and these claims")


def _key(kid: object, keys: Keys) -> tuple[Key | None, Check]:
    if keys.found is None:
        return None, Check("key", ok=False, detail=f"no keys from {keys.source}: {keys.problem}")
    if isinstance(kid, str):
        for key in keys.found:
            if key.kid == kid:
                return key, Check("key", ok=True, detail=f"{kid} is published at {keys.source}")
    return None, Check("key", ok=False, detail=f"{kid} is not published at {keys.source}")


def _times(claims: Mapping[str, Any], now: float) -> tuple[Check, Check]:
    expires, issued = claims.get("exp"), claims.get("iat")
    if _is_time(expires):
        left = expires - now
        words = f"expires in {_span(left)}" if left > 0 else f"expired {_span(-left)} ago"
        expiry = Check("expiry", ok=left > -LEEWAY, detail=words)
    else:
        expiry = Check("expiry", ok=False, detail=f"exp is {json.dumps(expires)}, which is no time")
    if _is_time(issued):
        age = now - issued
        words = f"issued {_span(age)} ago" if age >= 0 else f"issued {_span(-age)} in the future"
        return expiry, Check("issued", ok=age > -LEEWAY, detail=words)
    return expiry, Check("issued", ok=False, detail=f"iat is {json.dumps(issued)}, which is no time")


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def _is_time(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LATEST


def _issuer(claims: Mapping[str, Any], hosts: Sequence[str]) -> Check:
    # Both forms of `jwt_issuer_format`: the bare host, or its URL.
    return _one_of("issuer", "iss", claims, [form for host in hosts for form in (host, f"https://{host}/")])


def _audience(claims: Mapping[str, Any], hosts: Sequence[str]) -> Check:
    return _one_of("audience", "aud", claims, hosts)


def _one_of(name: str, claim: str, claims: Mapping[str, Any], right: Sequence[str]) -> Check:
    value = claims.get(claim)
    found = f"{claim} is {value if isinstance(value, str) else json.dumps(value)}"
    if value in right:
        return Check(name, ok=True, detail=found)
    return Check(name, ok=False, detail=f"{found}, but this application is {' or '.join(right)}")
