"""What must be looked up before a route can be decided."""

from enum import Enum, auto

from access_model.model import Route
from access_model.policy import Dependencies


class Needs(Enum):
    """How much the session of a request matters to its route."""

    SESSION = auto()
    """The decision depends on it: a store that cannot answer means 503."""
    SESSION_IF_KNOWN = auto()
    """The decision stands without it, but the upstream is told the user where there is one: a store that cannot answer
    means a stranger."""
    NOTHING = auto()
    """Nobody asks who it is."""


def needs(route: Route) -> Needs:
    """Tell what to look up; a route is decided without a session only if its policy never looks at one."""
    if Dependencies.SESSION in route.policy.depends_on:
        return Needs.SESSION
    if route.pass_identity_headers or route.set_request_headers or route.kubernetes_token:
        return Needs.SESSION_IF_KNOWN
    return Needs.NOTHING
