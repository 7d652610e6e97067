"""The listener that clients reach: one filter chain for all hosts.

Which policy applies follows from the request's host alone, never from the TLS server name: a connection opened for one
host may carry requests for another (HTTP/2 connection reuse, RFC 9113 section 9.1.1).
"""

from envoy_data_plane.envoy.config.core.v3 import Address, SocketAddress, TrafficDirection
from envoy_data_plane.envoy.config.listener.v3 import Filter, FilterChain, Listener

from access_model.model import AccessModel
from access_model.model import Listener as ListenerSettings
from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.downstream_tls import downstream_tls
from control_plane.translate.hardening import CONNECTION_BUFFER_BYTES
from control_plane.translate.http_connection_manager import http_connection_manager
from control_plane.translate.places import Places
from control_plane.translate.secrets import certificate_names

LOOPBACK = "127.0.0.1"
ANY_IPV6 = "::"


def ingress_listener(model: AccessModel, places: Places) -> Resource:
    """The listener, with references to its route configuration and its certificates."""
    certificates = certificate_names(model.listener, places)
    manager = Filter(
        name="envoy.filters.network.http_connection_manager",
        typed_config=wire.packed(http_connection_manager(model, places)),
    )
    listener = Listener(
        name=names.LISTENER,
        address=_bind_address(model.listener),
        traffic_direction=TrafficDirection.INBOUND,
        per_connection_buffer_limit_bytes=CONNECTION_BUFFER_BYTES,
        filter_chains=[
            FilterChain(filters=[manager], transport_socket=downstream_tls(certificates) if certificates else None)
        ],
    )
    references = [
        Reference(TypeUrl.ROUTE, names.ROUTE_CONFIGURATION),
        Reference(TypeUrl.CLUSTER, names.CHECK_CLUSTER),
        *(Reference(TypeUrl.SECRET, name) for name in certificates),
    ]
    return wire.resource(TypeUrl.LISTENER, names.LISTENER, listener, references)


def _bind_address(settings: ListenerSettings) -> Address:
    host = LOOPBACK if settings.address == "localhost" else settings.address
    return Address(socket_address=SocketAddress(address=host, port_value=settings.port, ipv4_compat=host == ANY_IPV6))
