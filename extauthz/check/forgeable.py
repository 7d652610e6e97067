"""Headers that speak for us or for a user: what a client sends under these names never reaches an upstream.

Envoys that we program strip them before routing; in a mesh of someone else's, this is the only place. An underscore
counts as a hyphen, because CGI and WSGI backends fold both into one (RFC 3875 section 4.1.18).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from access_model.model import AccessModel
from extauthz.assertion.ring import AssertionInvalid, SigningRing

ASSERTION_FOR = "x-pomerium-jwt-assertion-for"
_PREFIX = "x-pomerium-"
_IDENTITY = frozenset(
    prefix + attribute
    for prefix in ("remote-", "x-remote-", "x-forwarded-", "x-auth-request-", "x-webauth-")
    for attribute in ("user", "email", "groups", "group", "name", "preferred-username", "access-token")
)
"""What proxies of this kind call the user: an application may trust it without our having set it."""


def forged_names(
    headers: Mapping[str, tuple[str, ...]], model: AccessModel, signing: SigningRing, now: datetime
) -> Iterable[str]:
    """Names among a request's headers (lower case, as sent) that must not go upstream."""
    spoken_for = {_folded(model.assertion.header)}
    for route in model.routes:
        spoken_for.update(map(_folded, route.claim_headers))
    for name in headers:
        folded = _folded(name)
        forgeable = folded.startswith(_PREFIX) or folded in _IDENTITY or folded in spoken_for
        if forgeable and not (name == ASSERTION_FOR and _is_ours(headers[name], signing, now)):
            yield name


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
