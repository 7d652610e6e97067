"""Where a sign-in may lead, whoever it is for."""

from urllib.parse import urlsplit

from access_model.model import AccessModel, Route
from access_model.routing import find_route
from extauthz import served_hosts
from extauthz.programs.redirect_target import redirect_target
from extauthz.sign_in_link import Destination


def is_allowed(model: AccessModel, destination: Destination) -> bool:
    """Whether a sign-in may end there; asked when it begins and again before it ends."""
    if destination.program_for:
        return model.serves_host(destination.program_for) and redirect_target(model, destination.url) is not None
    return served_hosts.return_target(model, destination.url) is not None


def route_of(model: AccessModel, destination: Destination) -> Route | None:
    """The route that the sign-in is for; None for pages of ours, and where no route answers."""
    if destination.program_for:
        return find_route(model, destination.program_for, "/")
    return find_route(model, served_hosts.host_of(destination.url), urlsplit(destination.url).path)


def retry_url(destination: Destination) -> str | None:
    """Where to begin again; a program has to ask anew."""
    return None if destination.program_for else destination.url
