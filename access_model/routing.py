"""Which route answers a request: the rules that Envoy applies to what the translation tells it, as a function.

1. One host entry is chosen: the exact name, else the longest wildcard that covers it. There is no falling back from a
   host whose routes do not match to a wildcard that would.
2. The sign-in host is such an entry too, with no route, so no wildcard covers it.
3. Within that host the first route wins whose prefix, path or expression fits the raw path: expressions with a priority
   first, the highest before all, then the others in file order.
"""

from collections.abc import Mapping

from access_model.model import AccessModel, PathMatch, Route
from access_model.pattern import compiled


def find_route(model: AccessModel, host: str, path: str) -> Route | None:
    """Find the route of a request, or None.

    `host` is folded, without port and trailing dot; `path` is the normalised path without query, still
    percent-encoded: what Envoy matched.
    """
    if host == model.authenticate.host or not path:
        return None
    return next((route for route in model.index.of_host(host) if covers(route.match, path)), None)


def routes_by_host(model: AccessModel) -> Mapping[str, tuple[Route, ...]]:
    """Group the routes by the host of their origin: hosts sorted, routes of a host in file order."""
    return model.index.by_host


def covers(match: PathMatch, path: str) -> bool:
    """Tell whether a path falls under a match: `prefix` textual, `path` exact, `regex` as a whole, a tunnel never."""
    match match.kind:
        case "prefix":
            return path.startswith(match.value)
        case "path":
            return path == match.value
        case "regex":
            return compiled(match.value).matches(path)
        case "connect":
            return False
