"""One route of the operator's as an entry of a virtual host."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from envoy.config.route.v3 import route_components_pb2 as components
from envoy.type.matcher.v3 import regex_pb2 as regex

from access_model.model import PathMatch, Route
from access_model.policy import Dependencies
from control_plane.translate import names
from control_plane.translate.asking_check import route_for_check

NO_ROUTE = ""


def upstream_route(route: Route, default_timeout: timedelta) -> components.Route:
    """Ask `Check`, then forward. There are no retries: a request may not be repeatable."""
    return components.Route(
        name=route.id,
        match=_match(route.match),
        route=components.RouteAction(
            cluster=names.route_cluster(route.id),
            timeout=default_timeout if route.timeout is None else route.timeout,
            prefix_rewrite=rewritten_prefix(route.match, route.target_path),
            **_host(route),
        ),
        typed_per_filter_config=route_for_check(route.id, with_body=Dependencies.BODY in route.policy.depends_on),
    )


def no_such_route() -> components.Route:
    """404 for what no route covers. `Check` is asked all the same: it knows the kind of page that the client reads."""
    return components.Route(
        name="no-such-route",
        match=components.RouteMatch(prefix="/"),
        direct_response=components.DirectResponseAction(status=404),
        typed_per_filter_config=route_for_check(NO_ROUTE),
    )


def rewritten_prefix(match: PathMatch, target_path: str) -> str:
    """What replaces the matched part of the path; empty for nothing.

    Envoy replaces text, so the replacement of a prefix ends in a slash exactly if the prefix does: otherwise `/a/b`
    under the prefix `/a/` and the target `/x` would become `/xb`, and under `/a` and `/x/`, `/x//b`.
    """
    if target_path in ("", "/"):
        return ""
    if match.kind != "prefix":
        return target_path
    bare = target_path.rstrip("/")
    return f"{bare}/" if match.value.endswith("/") else bare


def _match(match: PathMatch) -> components.RouteMatch:
    match match.kind:
        case "prefix":
            return components.RouteMatch(prefix=match.value)
        case "path":
            return components.RouteMatch(path=match.value)
        case "regex":
            return components.RouteMatch(safe_regex=regex.RegexMatcher(regex=match.value))


def _host(route: Route) -> Mapping[str, Any]:
    """The upstream sees its own name, or the client's if the route preserves that; of several, the chosen one's."""
    if route.preserve_host_header:
        return {}
    authorities = {target.authority for target in route.targets}
    return (
        {"host_rewrite_literal": authorities.pop()} if len(authorities) == 1 else {"auto_host_rewrite": {"value": True}}
    )
