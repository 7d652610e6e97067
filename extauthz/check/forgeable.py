"""Headers that speak for us or for a user: what a client sends under these names never reaches an upstream.

Envoys that we program strip them before routing; in a mesh of someone else's, this is the only place. An underscore
counts as a hyphen, because CGI and WSGI backends fold both into one (RFC 3875 section 4.1.18).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from access_model.model import AccessModel
from access_model.reserved_headers import ASSERTION_FOR, IDENTITY, IMPERSONATE_PREFIX, OWN_PREFIX
from extauthz.assertion.ring import AssertionInvalid, SigningRing


def forged_names(
    headers: Mapping[str, tuple[str, ...]], model: AccessModel, signing: SigningRing, now: datetime
) -> Iterable[str]:
    """Names among a request's headers (lower case, as sent) that must not go upstream."""
    spoken_for = _spoken_for(model.assertion.header, model.index.claim_headers)
    for name in headers:
        folded = _folded(name)
        forgeable = folded.startswith((OWN_PREFIX, IMPERSONATE_PREFIX)) or folded in spoken_for
        if forgeable and not (name == ASSERTION_FOR and _is_ours(headers[name], signing, now)):
            yield name


@lru_cache(maxsize=8)
def _spoken_for(assertion_header: str, claim_headers: frozenset[str]) -> frozenset[str]:
    """The names of one configuration; made once for it, not for every request."""
    return IDENTITY.union(map(_folded, (assertion_header, *claim_headers)))


def _is_ours(values: tuple[str, ...], signing: SigningRing, now: datetime) -> bool:
    """Whether the one value is an assertion that we signed and that is still good."""
    if len(values) != 1:
        return False
    try:
        signing.verify(values[0], now)
    except AssertionInvalid:
        return False
    return True


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")
