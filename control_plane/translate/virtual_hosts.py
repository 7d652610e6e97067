"""The route configuration: one virtual host per host that the operator named, and one for every other."""

from collections.abc import Iterator

from envoy.config.core.v3 import base_pb2 as core
from envoy.config.route.v3 import route_components_pb2 as components
from envoy.config.route.v3 import route_pb2 as configuration

from access_model.model import AccessModel, Route
from access_model.routing import routes_by_host
from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.asking_check import revision_for_check
from control_plane.translate.own_endpoints import authenticate_endpoints, own_endpoints
from control_plane.translate.quic_listener import ALT_SVC, alternative_service
from control_plane.translate.refused_requests import refuse_ambiguous_path, refuse_malformed_host
from control_plane.translate.routes import no_such_route, route_entry

EVERY_OTHER_HOST = "*"
ORIGINAL_HOST_HEADER = "x-forwarded-host"


def route_configuration(model: AccessModel) -> Resource:
    """The route configuration, with references to the clusters that it leads to.

    The revision is named once, here, and Envoy merges it into what each route tells `Check`: so a change of one route
    changes the bytes of one route.
    """
    message = configuration.RouteConfiguration(
        name=names.ROUTE_CONFIGURATION,
        virtual_hosts=_virtual_hosts(model),
        # The port stays in the authority, for building URLs; it leads no request past the routes of its host.
        ignore_port_in_host_matching=True,
        # Evaluated before the host is rewritten, so it is the host that the client asked for.
        request_headers_to_add=[_header(ORIGINAL_HOST_HEADER, "%REQ(:AUTHORITY)%", overwrite=True)],
        response_headers_to_add=list(_response_headers(model)),
        typed_per_filter_config=revision_for_check(model.revision),
    )
    clusters = {names.WEB_CLUSTER, *(names.route_cluster(route.id) for route in model.routes if route.targets)}
    references = (Reference(TypeUrl.CLUSTER, cluster) for cluster in clusters)
    return wire.resource(TypeUrl.ROUTE, names.ROUTE_CONFIGURATION, message, references)


def _virtual_hosts(model: AccessModel) -> Iterator[components.VirtualHost]:
    by_host = routes_by_host(model)
    for host in sorted({*by_host, model.authenticate.host}):
        routes = by_host.get(host, ())
        yield _virtual_host(host, tuple(_entries(model, host, routes)))
    yield _virtual_host(EVERY_OTHER_HOST, tuple(_entries(model, EVERY_OTHER_HOST, ())))


def _virtual_host(host: str, entries: tuple[components.Route, ...]) -> components.VirtualHost:
    return components.VirtualHost(name=host, domains=[host], routes=entries)


def _entries(model: AccessModel, host: str, routes: tuple[Route, ...]) -> Iterator[components.Route]:
    """What one host answers on, first match wins: nothing that the operator wrote comes before our own endpoints."""
    if host.startswith("*"):
        yield refuse_malformed_host()
    yield refuse_ambiguous_path()
    yield from own_endpoints()
    if host == model.authenticate.host:
        yield from authenticate_endpoints(alone=not routes)
    for route in routes:
        yield route_entry(route, model.default_timeout)
    yield no_such_route()


def _response_headers(model: AccessModel) -> Iterator[core.HeaderValueOption]:
    """What a response carries unless it says otherwise itself, as our own pages do; and where else we are, for that an
    upstream cannot know."""
    for name in sorted(model.response_headers):
        yield _header(name, model.response_headers[name].replace("%", "%%"), overwrite=False)
    if (elsewhere := alternative_service(model)) is not None:
        yield _header(ALT_SVC, elsewhere, overwrite=True)


def _header(name: str, value: str, *, overwrite: bool) -> core.HeaderValueOption:
    action = core.HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD if overwrite else core.HeaderValueOption.ADD_IF_ABSENT
    return core.HeaderValueOption(header=core.HeaderValue(key=name, value=value), append_action=action)
