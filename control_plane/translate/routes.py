"""One route of the operator's as an entry of a virtual host."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from envoy.config.route.v3 import route_components_pb2 as components
from envoy.type.matcher.v3 import regex_pb2 as regex
from envoy.type.matcher.v3 import string_pb2 as string

from access_model.model import PathMatch, Route
from access_model.policy import Dependencies
from control_plane.translate import names
from control_plane.translate.answers import answer_fields
from control_plane.translate.asking_check import FilterConfigs, route_for_check
from control_plane.translate.impersonation import impersonating
from control_plane.translate.rate_limit import limited
from control_plane.translate.response_headers import rewriting, set_headers
from control_plane.translate.rewriting import host_fields, path_fields
from control_plane.translate.stream_watch import watched

NO_LIMIT = timedelta(0)


def route_entry(route: Route, default_timeout: timedelta, *, watching: bool = False) -> components.Route:
    """Ask `Check`, then forward or answer. With `watching`, what lasts is watched over where one has to sign in."""
    lasts = route.answer is None and not route.public and _whole(route, default_timeout) == NO_LIMIT
    action = {"route": _forward(route, default_timeout)} if route.answer is None else _answer(route)
    return components.Route(
        name=route.id,
        match=_match(route.match),
        request_headers_to_remove=route.remove_request_headers,
        response_headers_to_add=set_headers(route),
        typed_per_filter_config=_filters(route, watch=watching and lasts),
        **action,
    )


def no_such_route() -> components.Route:
    """404 for what no route covers. `Check` is asked all the same: it knows the kind of page that the client reads.

    What it is told is what the route configuration says where a route says nothing else: that there is no route.
    """
    return components.Route(
        name=names.NO_SUCH_ROUTE,
        match=components.RouteMatch(prefix="/"),
        direct_response=components.DirectResponseAction(status=404),
    )


def _forward(route: Route, default_timeout: timedelta) -> components.RouteAction:
    """There are no retries: a request may not be repeatable."""
    if route.match.kind == "connect":
        return _tunnel(route)
    return components.RouteAction(
        cluster=names.route_cluster(route.id),
        upgrade_configs=[components.RouteAction.UpgradeConfig(upgrade_type=each) for each in route.upgrades],
        hash_policy=_hash_policy(route),
        **_times(route, default_timeout),
        **path_fields(route),
        **host_fields(route),
    )


def _tunnel(route: Route) -> components.RouteAction:
    """The bytes within the connection go to the upstream, without anything of HTTP (RFC 9110 section 9.3.6)."""
    config = components.RouteAction.UpgradeConfig(
        upgrade_type="CONNECT", connect_config=components.RouteAction.UpgradeConfig.ConnectConfig()
    )
    return components.RouteAction(
        cluster=names.route_cluster(route.id),
        upgrade_configs=[config],
        hash_policy=_hash_policy(route),
        **_times(route, NO_LIMIT),
    )


def _answer(route: Route) -> Mapping[str, Any]:
    assert route.answer is not None
    return answer_fields(route.answer, route.match)


def _times(route: Route, default_timeout: timedelta) -> Mapping[str, timedelta]:
    """Limits of time. A connection that changed its protocol lasts as long as both sides want, unless one is given."""
    idle = route.idle_timeout
    if idle is None and _changes_protocol(route):
        idle = NO_LIMIT
    times = {"timeout": _whole(route, default_timeout)}
    return times if idle is None else times | {"idle_timeout": idle}


def _whole(route: Route, default_timeout: timedelta) -> timedelta:
    """How long a request may take; zero for as long as it wants."""
    if route.timeout is not None:
        return route.timeout
    return NO_LIMIT if _changes_protocol(route) else default_timeout


def _changes_protocol(route: Route) -> bool:
    return bool(route.upgrades) or route.match.kind == "connect"


def _hash_policy(route: Route) -> Iterator[components.RouteAction.HashPolicy]:
    if route.pool.load_balancing.by_client:
        yield components.RouteAction.HashPolicy(connection_properties={"source_ip": True})


def _filters(route: Route, *, watch: bool) -> FilterConfigs:
    filters = dict(route_for_check(route.id, with_body=Dependencies.BODY in route.policy.depends_on))
    if watch:
        filters |= watched()
    if route.rate_limit is not None:
        filters |= limited(route.rate_limit)
    if route.kubernetes_token is not None:
        filters |= impersonating()
    if route.rewrite_response_headers:
        filters |= rewriting(route.rewrite_response_headers)
    return filters


def _match(match: PathMatch) -> components.RouteMatch:
    match match.kind:
        case "prefix":
            return components.RouteMatch(prefix=match.value)
        case "path":
            return components.RouteMatch(path=match.value)
        case "regex":
            return components.RouteMatch(safe_regex=regex.RegexMatcher(regex=match.value))
        case "connect":
            target = string.StringMatcher(exact=match.value, ignore_case=True)
            return components.RouteMatch(
                connect_matcher=components.RouteMatch.ConnectMatcher(),
                headers=[components.HeaderMatcher(name=":authority", string_match=target)],
            )
