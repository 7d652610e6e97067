"""What must be looked up before a route can be decided."""

from enum import Enum, auto

from access_model.model import Route
from access_model.policy import Dependencies


class Needs(Enum):
    """How much the session of a request matters to its route."""

    SESSION = auto()
    """The decision depends on it: a store that cannot answer means 503."""
    SESSION_IF_KNOWN = auto()
    """The decision stands without it, the assertion names the user if it can: a store that cannot answer means a
    stranger."""


def needs(route: Route) -> Needs:
    """Tell what to look up; a route is decided without a session only if its policy never looks at one."""
    return Needs.SESSION if Dependencies.SESSION in route.policy.depends_on else Needs.SESSION_IF_KNOWN
