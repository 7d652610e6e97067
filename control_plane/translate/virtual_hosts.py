"""The hosts that the operator named, one virtual host each, discovered one by one (VHDS).

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/vhds
"""

from collections.abc import Iterator
from functools import partial

from envoy.config.route.v3 import route_components_pb2 as components

from access_model.model import AccessModel, Route
from access_model.routing import routes_by_host
from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.memory import Memory
from control_plane.translate.own_endpoints import authenticate_endpoints
from control_plane.translate.refused_requests import refuse_malformed_host
from control_plane.translate.routes import no_such_route, route_entry


def virtual_hosts(model: AccessModel, memory: Memory) -> Iterator[Resource]:
    """Every host, with references to the clusters that it leads to."""
    by_host = routes_by_host(model)
    for host in sorted({*by_host, model.authenticate.host}):
        routes = by_host.get(host, ())
        settings = (model.default_timeout, model.stream_recheck is not None, host == model.authenticate.host)
        yield memory.hosts.recall(host, settings, routes, partial(_virtual_host, model, host, routes))


def _virtual_host(model: AccessModel, host: str, routes: tuple[Route, ...]) -> Resource:
    name = names.virtual_host(host)
    message = components.VirtualHost(name=name, domains=[host], routes=_entries(model, host, routes))
    clusters = {names.route_cluster(route.id) for route in routes if route.targets}
    if host == model.authenticate.host:
        clusters.add(names.WEB_CLUSTER)
    return wire.resource(TypeUrl.VIRTUAL_HOST, name, message, (Reference(TypeUrl.CLUSTER, each) for each in clusters))


def _entries(model: AccessModel, host: str, routes: tuple[Route, ...]) -> Iterator[components.Route]:
    """What one host answers on, first match wins."""
    if host.startswith("*"):
        yield refuse_malformed_host()
    if host == model.authenticate.host:
        yield from authenticate_endpoints(alone=not routes)
    for route in routes:
        yield route_entry(route, model.default_timeout, watching=model.stream_recheck is not None)
    yield no_such_route()
