"""Which URLs are ours: the only places a sign-in or a sign-out leads to.

A return target is compared, character for character, with the origins of the configuration, so that none of the forms
browsers read more kindly than parsers do (`/\\evil`, `https:evil`, `good@evil`, tabs, full-width dots) gets anywhere.
"""

import re
from urllib.parse import quote

from access_model.model import AccessModel, Origin, origin_url

MAX_TARGET = 2000
"""Longest URL that a sign-in returns to, in characters; it travels in URLs and in a cookie of at most 4096 bytes."""

# Printable ASCII without space, `#` and `\`: a browser changes nothing in it.
_URL = re.compile(r"(?P<base>https?://(?P<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::[0-9]{1,5})?)/[!\"$-\[\]-~]*")
_SAFE = "!$%&'()*+,-./:;=?@[]_~"


def base_urls(model: AccessModel, host: str) -> tuple[str, ...]:
    """The `scheme://host[:port]` under which a folded host is served, the most specific origin first."""
    origins = {_pages(route.origin, model) for route in model.index.covering(host)}
    if host == model.authenticate.host:
        origins.add(model.authenticate)
    ordered = sorted(origins, key=lambda each: (each.wildcard, -len(each.host), each.scheme == "http", each.port))
    return tuple(dict.fromkeys(origin_url(Origin(each.scheme, host, each.port)) for each in ordered))


def _pages(origin: Origin, model: AccessModel) -> Origin:
    """Where the pages of an origin are; those of a tunnel are on the port on which people sign in."""
    return Origin("https", origin.host, model.authenticate.port) if origin.scheme == "tcp+https" else origin


def return_target(model: AccessModel, url: str) -> str | None:
    """The URL itself if it leads to a served host, under a scheme and port that host is served on; else None."""
    match = _URL.fullmatch(url)
    if match is None or len(url) > MAX_TARGET:
        return None
    return url if match["base"] in base_urls(model, match["host"]) else None


def target_at(model: AccessModel, host: str, target: str) -> str | None:
    """The URL of a path with query on a served host; None when we do not serve it.

    What browsers leave as it is but a URL should not hold is percent-encoded. A URL beyond `MAX_TARGET` becomes the
    host's first page: whoever signs in from there has to find the way again, but can sign in.
    """
    bases = base_urls(model, host)
    if not bases:
        return None
    path = target if target.startswith("/") else "/"
    return return_target(model, bases[0] + quote(path, safe=_SAFE)) or f"{bases[0]}/"


def host_of(url: str) -> str:
    """The host of a URL that `return_target` let pass."""
    match = _URL.fullmatch(url)
    assert match is not None
    return match["host"]


def base_of(url: str) -> str:
    """The `scheme://host[:port]` of a URL that `return_target` let pass."""
    match = _URL.fullmatch(url)
    assert match is not None
    return match["base"]


def is_served_origin(model: AccessModel, origin: str) -> bool:
    """Whether the value of an `Origin` header (RFC 6454) is one of ours."""
    match = _URL.fullmatch(f"{origin}/")
    return match is not None and match["base"] == origin and origin in base_urls(model, match["host"])
