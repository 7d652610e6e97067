"""The authorization response: what the browser brings back (RFC 6749 section 4.1.2, RFC 9207)."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from extauthz.oidc.errors import NotTrusted, Reason

MAX_VALUE = 8192

_ERROR = re.compile(r"[ -!#-\[\]-~]{1,100}")
_DENIALS = frozenset({"access_denied", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """A response that brought a code."""

    code: str = field(repr=False)
    """The code."""
    issuer: str | None
    """`iss`: who says to have sent it."""


def read_response(params: Iterable[tuple[str, str]]) -> AuthorizationResponse:
    """The response in these parameters; raises `NotTrusted` for an error response and for anything ambiguous.

    The caller has found the attempt by `state` already.
    """
    pairs = tuple(params)
    _check_once(pairs)
    named = dict(pairs)
    if "error" in named:
        raise _error(named["error"], named.get("error_description", ""))
    code = named.get("code", "")
    if not code or not code.isascii() or not code.isprintable():
        raise NotTrusted(Reason.RESPONSE_MALFORMED, "the provider's response brought neither a code nor an error")
    return AuthorizationResponse(code, named.get("iss"))


def check_issuer(response: AuthorizationResponse, issuer: str, *, announced: bool) -> None:
    """Refuse the answer of one provider to the question put to another (RFC 9207 section 2.4)."""
    if response.issuer is None and announced:
        raise NotTrusted(Reason.RESPONSE_ISSUER, "the provider announces `iss` in its responses, and this one has none")
    if response.issuer is not None and response.issuer != issuer:
        raise NotTrusted(Reason.RESPONSE_ISSUER, f"`{issuer}` was asked, but `{response.issuer[:200]}` has answered")


def _check_once(pairs: tuple[tuple[str, str], ...]) -> None:
    repeated = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if repeated:
        raise NotTrusted(Reason.RESPONSE_MALFORMED, "the provider's response repeats a parameter")
    if any(len(value) > MAX_VALUE for _, value in pairs):
        raise NotTrusted(Reason.RESPONSE_MALFORMED, "the provider's response has a parameter that is too long")


def _error(error: str, description: str) -> NotTrusted:
    # Whoever sends a browser here can write these words: they are shown as text, cut, and never trusted.
    if not _ERROR.fullmatch(error):
        return NotTrusted(Reason.RESPONSE_MALFORMED, "the provider's response has an `error` that is no word")
    reason = Reason.ACCESS_DENIED if error in _DENIALS else Reason.PROVIDER_ERROR
    words = "".join(each for each in description[:200] if each.isprintable())
    return NotTrusted(reason, f"the provider answered `{error}`" + (f": `{words}`" if words else ""))
