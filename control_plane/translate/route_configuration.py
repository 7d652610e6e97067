"""The route configuration: what all hosts have in common. The operator's hosts are resources of their own (VHDS)."""

from collections.abc import Iterator
from datetime import timedelta

from envoy.config.core.v3 import base_pb2 as core
from envoy.config.core.v3 import config_source_pb2 as config_source
from envoy.config.route.v3 import route_components_pb2 as components
from envoy.config.route.v3 import route_pb2 as configuration

from access_model.model import AccessModel, ClientCertificates
from access_model.reserved_headers import CLIENT_CERTIFICATE
from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.asking_check import route_for_check
from control_plane.translate.client_chain import shown_certificate
from control_plane.translate.host_choice import AMBIGUOUS_PATH, HEADER, OWN_ENDPOINTS
from control_plane.translate.own_endpoints import own_endpoints
from control_plane.translate.quic_listener import ALT_SVC, alternative_service
from control_plane.translate.refused_requests import refuse_ambiguous_path, refuse_malformed_host
from control_plane.translate.routes import no_such_route

EVERY_OTHER_HOST = "*"
NO_ROUTE = ""
ORIGINAL_HOST_HEADER = "x-forwarded-host"


def route_configuration(model: AccessModel) -> Resource:
    """The route configuration. It stays as it is when routes change, so that such a change is one host's alone."""
    message = configuration.RouteConfiguration(
        name=names.ROUTE_CONFIGURATION,
        virtual_hosts=_own_hosts(model.listener.client_certificates),
        vhds=configuration.Vhds(config_source=_from_control_plane()),
        vhost_header=HEADER,
        # The port stays in the authority, for building URLs; it leads no request past the routes of its host.
        ignore_port_in_host_matching=True,
        # Evaluated before the host is rewritten, so it is the host that the client asked for.
        request_headers_to_add=[_header(ORIGINAL_HOST_HEADER, "%REQ(:AUTHORITY)%", overwrite=True)],
        request_headers_to_remove=[HEADER],
        response_headers_to_add=list(_response_headers(model)),
        typed_per_filter_config=route_for_check(NO_ROUTE),
    )
    references = [Reference(TypeUrl.CLUSTER, names.WEB_CLUSTER)]
    return wire.resource(TypeUrl.ROUTE, names.ROUTE_CONFIGURATION, message, references)


def _own_hosts(asked: ClientCertificates | None) -> Iterator[components.VirtualHost]:
    """Each refuses a malformed host, unless it refuses everything: their domains do not vouch for it."""
    yield _virtual_host(AMBIGUOUS_PATH, refuse_ambiguous_path())
    own = _virtual_host(OWN_ENDPOINTS, refuse_malformed_host(), *own_endpoints(), no_such_route())
    if asked is not None:
        own.request_headers_to_add.append(_header(CLIENT_CERTIFICATE, shown_certificate(asked), overwrite=True))
    yield own
    yield _virtual_host(EVERY_OTHER_HOST, refuse_malformed_host(), no_such_route())


def _virtual_host(domain: str, *entries: components.Route) -> components.VirtualHost:
    return components.VirtualHost(name=domain, domains=[domain], routes=entries)


def _from_control_plane() -> config_source.ConfigSource:
    """An Envoy without its hosts waits for them; it does not start to answer without."""
    return config_source.ConfigSource(
        ads=config_source.AggregatedConfigSource(),
        resource_api_version=config_source.ApiVersion.V3,
        initial_fetch_timeout=timedelta(0),
    )


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
