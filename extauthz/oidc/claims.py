"""Claims as policies, headers and pages use them: flat names, every value a tuple of texts."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

FlatClaims = Mapping[str, tuple[str, ...]]

MAX_DEPTH = 8

OF_THE_SIGN_IN = frozenset({"acr", "amr", "auth_time", "sid"})
"""Claims about how the user signed in; an ID token alone can say them."""
_OF_THE_TOKEN = frozenset({"iss", "sub", "aud", "azp", "exp", "iat", "nbf", "jti"})

# They secure the exchange and say nothing about the user.
_PROTOCOL = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})


def flatten(claims: Mapping[str, Any]) -> FlatClaims:
    """Flat claims: `{"a": {"b": [1, true]}}` becomes `{"a.b": ("1", "true")}`.

    Null and empty objects vanish. Where two spellings meet, the claim that is named literally wins.
    """
    flat: dict[str, tuple[str, ...]] = {}
    literal = {name: value for name, value in claims.items() if not isinstance(value, dict)}
    for name, value in [*_walk(literal, "", 0), *_walk(claims, "", 0)]:
        if name not in _PROTOCOL:
            flat.setdefault(name, value)
    return MappingProxyType(flat)


def _walk(claims: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, value in claims.items():
        if isinstance(value, dict) and depth < MAX_DEPTH:
            yield from _walk(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(value, list):
            yield prefix + name, tuple(_text(each) for each in value if each is not None)
        elif value is not None:
            yield prefix + name, (_text(value),)


def _text(value: Any) -> str:
    """Text as it is; numbers, booleans and what is nested in a list as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def beyond(profile: FlatClaims, claims: FlatClaims) -> FlatClaims:
    """Claims of an ID token without those that the profile says alike.

    For these the profile alone speaks from then on: it is renewed, also where a provider gives no new ID token, and
    what it says no longer must not go on in a copy.
    """
    own = OF_THE_SIGN_IN | _OF_THE_TOKEN
    kept = {name: value for name, value in claims.items() if name in own or profile.get(name) != value}
    return MappingProxyType(kept)


def first(claims: FlatClaims, name: str) -> str:
    """The first value of a claim, or empty."""
    return next(iter(claims.get(name, ())), "")


def truth(claims: FlatClaims, name: str) -> bool | None:
    """A claim as a boolean, also where a provider sends it as text; None when it is absent or something else."""
    return {"true": True, "false": False}.get(first(claims, name).lower())
