"""Did the person ask for it? No other site may sign somebody out (OWASP: cross-site request forgery)."""

from enum import StrEnum

from access_model.model import AccessModel
from extauthz import served_hosts
from extauthz.web_request import WebRequest

_OURS = frozenset({"same-origin", "same-site"})
_BY_HAND = "none"
_ASKED_FOR = frozenset({None, "document", "empty"})
"""What a person or a script goes to. Anything else (`image`, `iframe`, `script`) is loaded by a page on its own, and
anybody may have put the address there: a picture in a forum must not sign its readers out."""


class Intent(StrEnum):
    """What to make of a request to sign out."""

    MEANT = "meant"
    """Act."""
    UNCLEAR = "unclear"
    """Ask the person."""
    FOREIGN = "foreign"
    """Refuse."""


def intent(request: WebRequest, model: AccessModel) -> Intent:
    """Judge by Fetch metadata, which no page can forge, and for a POST by `Origin`.

    A browser without Fetch metadata is asked. Where a page has `Referrer-Policy: no-referrer`, its forms are posted
    with `Origin: null`; the browser's word that they come from the same origin is then enough.
    """
    site = request.header("sec-fetch-site")
    if request.method == "POST":
        origin = request.header("origin") or ""
        meant = site == "same-origin" or (site in {None, *_OURS} and served_hosts.is_served_origin(model, origin))
        return Intent.MEANT if meant else Intent.FOREIGN
    if request.host == model.authenticate.host:
        return Intent.UNCLEAR
    asked_for = request.header("sec-fetch-dest") in _ASKED_FOR
    return Intent.MEANT if asked_for and site in {*_OURS, _BY_HAND} else Intent.UNCLEAR
