"""One route of the operator's as an entry of a virtual host."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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

NO_LIMIT = timedelta(0)


@dataclass(frozen=True, slots=True)
class Times:
    """How long requests may take where their route says nothing."""

    default: timedelta
    """A whole request; zero for no limit."""
    recheck: timedelta | None = None
    """A stream that nothing else limits, where one has to be signed in; None for no limit."""


def route_entry(route: Route, times: Times) -> components.Route:
    """Ask `Check`, then forward or answer."""
    action = {"route": _forward(route, times)} if route.answer is None else _answer(route)
    return components.Route(
        name=route.id,
        match=_match(route.match),
        request_headers_to_remove=route.remove_request_headers,
        response_headers_to_add=set_headers(route),
        typed_per_filter_config=_filters(route),
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


def _forward(route: Route, times: Times) -> components.RouteAction:
    """There are no retries: a request may not be repeatable."""
    if route.match.kind == "connect":
        return _tunnel(route, times)
    return components.RouteAction(
        cluster=names.route_cluster(route.id),
        upgrade_configs=[components.RouteAction.UpgradeConfig(upgrade_type=each) for each in route.upgrades],
        hash_policy=_hash_policy(route),
        **_times(route, times),
        **path_fields(route),
        **host_fields(route),
    )


def _tunnel(route: Route, times: Times) -> components.RouteAction:
    """The bytes within the connection go to the upstream, without anything of HTTP (RFC 9110 section 9.3.6)."""
    config = components.RouteAction.UpgradeConfig(
        upgrade_type="CONNECT", connect_config=components.RouteAction.UpgradeConfig.ConnectConfig()
    )
    return components.RouteAction(
        cluster=names.route_cluster(route.id),
        upgrade_configs=[config],
        hash_policy=_hash_policy(route),
        **_times(route, replace(times, default=NO_LIMIT)),
    )


def _answer(route: Route) -> Mapping[str, Any]:
    assert route.answer is not None
    return answer_fields(route.answer, route.match)


def _times(route: Route, times: Times) -> Mapping[str, Any]:
    """Limits of time. A connection that changed its protocol lasts as long as both sides want, unless one is given.

    Envoy asks about a stream once, when it begins. What has no limit is closed in the end, so that it is asked again.
    """
    whole, idle = route.timeout, route.idle_timeout
    if route.upgrades or route.match.kind == "connect":
        whole, idle = (NO_LIMIT if each is None else each for each in (whole, idle))
    limits: dict[str, Any] = {"timeout": times.default if whole is None else whole}
    if idle is not None:
        limits["idle_timeout"] = idle
    if times.recheck is not None and limits["timeout"] == NO_LIMIT and not route.public:
        limits["max_stream_duration"] = components.RouteAction.MaxStreamDuration(max_stream_duration=times.recheck)
    return limits


def _hash_policy(route: Route) -> Iterator[components.RouteAction.HashPolicy]:
    if route.pool.load_balancing.by_client:
        yield components.RouteAction.HashPolicy(connection_properties={"source_ip": True})


def _filters(route: Route) -> FilterConfigs:
    filters = dict(route_for_check(route.id, with_body=Dependencies.BODY in route.policy.depends_on))
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
