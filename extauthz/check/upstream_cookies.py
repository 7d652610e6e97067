"""The cookies that an upstream gets: all but ours. Pure."""

from collections.abc import Sequence
from functools import partial

from access_model.model import CookieSettings
from extauthz.cookies import is_own, without_own_cookies


def upstream_cookies(values: Sequence[str], settings: CookieSettings) -> str | None:
    """One `Cookie` header without our cookies, empty when none is left; None if none is ours: leave it as it is.

    The other cookies stay byte for byte, except that Envoy takes only UTF-8 from us: a cookie that is none is left out.
    """
    own = partial(is_own, settings=settings)
    others = [without_own_cookies(value, own) for value in values]
    if others == list(values):
        return None
    return "; ".join(kept for kept in map(_sendable, others) if kept)


def _sendable(cookies: str) -> str:
    pairs = cookies.split(";")
    kept = [pair for pair in pairs if not any("\ud800" <= character <= "\udfff" for character in pair)]
    return cookies if kept == pairs else ";".join(kept).lstrip(" \t")
