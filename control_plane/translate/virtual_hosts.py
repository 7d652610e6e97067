"""The hosts that the operator named, one virtual host each, discovered one by one (VHDS).

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/vhds
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from envoy.config.route.v3 import route_components_pb2 as components

from access_model.model import AccessModel, PathMatch, Route
from access_model.routing import routes_by_host
from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.memory import Memory
from control_plane.translate.own_endpoints import authenticate_endpoints
from control_plane.translate.refused_requests import refuse_malformed_host
from control_plane.translate.routes import no_such_route, route_entry

EVERYTHING = PathMatch("prefix", "/")


class _Settings(NamedTuple):
    """All that a virtual host is made of besides its routes."""

    timeout: timedelta
    """The limit of time where a route gives none."""
    watching: bool
    """What lasts long is watched."""
    authenticate: bool
    """It is the host that signs people in."""


def virtual_hosts(model: AccessModel, memory: Memory) -> Iterator[Resource]:
    """Every host, with references to the clusters that it leads to."""
    by_host, watching = routes_by_host(model), model.stream_recheck is not None
    usual, authenticate = (_Settings(model.default_timeout, watching, each) for each in (False, True))
    for host in sorted({*by_host, model.authenticate.host}):
        settings = authenticate if host == model.authenticate.host else usual
        yield memory.hosts.recall(_virtual_host, host, by_host.get(host, ()), settings)


def _virtual_host(host: str, routes: tuple[Route, ...], settings: _Settings) -> Resource:
    name = names.virtual_host(host)
    message = components.VirtualHost(name=name, domains=[host], routes=_entries(host, routes, settings))
    clusters = {names.route_cluster(route.id) for route in routes if route.targets}
    if settings.authenticate:
        clusters.add(names.WEB_CLUSTER)
    return wire.resource(TypeUrl.VIRTUAL_HOST, name, message, (Reference(TypeUrl.CLUSTER, each) for each in clusters))


def _entries(host: str, routes: tuple[Route, ...], settings: _Settings) -> Iterator[components.Route]:
    """What one host answers on, first match wins."""
    if host.startswith("*"):
        yield refuse_malformed_host()
    if settings.authenticate:
        yield from authenticate_endpoints(alone=not routes)
    for route in routes:
        yield route_entry(route, settings.timeout, watching=settings.watching)
    if all(route.match != EVERYTHING for route in routes):
        yield no_such_route()
