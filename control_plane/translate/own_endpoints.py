"""Our own endpoints: on every host, before every route (see `host_choice`), and without asking `Check`.

`/robots.txt` is not among them: what it answers depends on whether the request would be denied, so it goes to `Check`
like any path of a route.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from envoy.config.route.v3 import route_components_pb2 as components

from control_plane.translate import names
from control_plane.translate.asking_check import without_check

FOLDERS = ("/.pomerium", "/.well-known/pomerium")
FILES = ("/healthz", "/ping")
CALLBACK = "/oauth2/callback"
TIMEOUT = timedelta(seconds=30)
"""Room for a sign-in, which asks the identity provider several times."""


@cache
def own_endpoints() -> tuple[components.Route, ...]:
    """What every host has."""
    return tuple(_own_endpoints())


def authenticate_endpoints(*, alone: bool) -> Iterator[components.Route]:
    """What the authenticate host has besides; all of it is ours where no route shares the host (`alone`)."""
    yield _to_web(components.RouteMatch(path=CALLBACK))
    yield _to_web(components.RouteMatch(prefix=f"{CALLBACK}/"))
    if alone:
        yield _to_web(components.RouteMatch(prefix="/"))


def _own_endpoints() -> Iterator[components.Route]:
    for folder in FOLDERS:
        yield _to_web(components.RouteMatch(path=folder))
        yield _to_web(components.RouteMatch(prefix=f"{folder}/"))
    for file in FILES:
        yield _to_web(components.RouteMatch(path=file))


def _to_web(match: components.RouteMatch) -> components.Route:
    return components.Route(
        name=names.WEB_CLUSTER,
        match=match,
        route=components.RouteAction(cluster=names.WEB_CLUSTER, timeout=TIMEOUT),
        typed_per_filter_config=without_check(),
    )
