"""The listener that clients reach: one filter chain for all hosts.

Which policy applies follows from the request's host alone, never from the TLS server name: a connection opened for one
host may carry requests for another (HTTP/2 connection reuse, RFC 9113 section 9.1.1).
"""

from envoy_data_plane.envoy.config.core.v3 import Address, SocketAddress, TrafficDirection
from envoy_data_plane.envoy.config.listener.v3 import Filter, FilterChain, Listener, ListenerFilter
from envoy_data_plane.envoy.extensions.filters.listener.proxy_protocol.v3 import ProxyProtocol

from access_model.model import AccessModel
from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.downstream_tls import downstream_tls
from control_plane.translate.hardening import CONNECTION_BUFFER_BYTES, TLS_HANDSHAKE_TIMEOUT
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
        address=bind_address(model.listener.address, model.listener.port),
        traffic_direction=TrafficDirection.INBOUND,
        per_connection_buffer_limit_bytes=CONNECTION_BUFFER_BYTES,
        filter_chains=[
            FilterChain(
                filters=[manager],
                transport_socket=downstream_tls(certificates, model.listener) if certificates else None,
                transport_socket_connect_timeout=TLS_HANDSHAKE_TIMEOUT if certificates else None,
            )
        ],
        listener_filters=[proxy_protocol_filter()] if model.listener.proxy_protocol else [],
    )
    return wire.resource(TypeUrl.LISTENER, names.LISTENER, listener, references_of(model, places))


def references_of(model: AccessModel, places: Places) -> list[Reference]:
    """What a listener for clients names."""
    return [
        Reference(TypeUrl.ROUTE, names.ROUTE_CONFIGURATION),
        Reference(TypeUrl.CLUSTER, names.CHECK_CLUSTER),
        Reference(TypeUrl.CLUSTER, names.WATCH_CLUSTER),
        *(Reference(TypeUrl.SECRET, name) for name in certificate_names(model.listener, places)),
        *([Reference(TypeUrl.SECRET, names.CLIENT_AUTHORITIES)] if model.listener.client_certificates else []),
    ]


def bind_address(host: str, port: int) -> Address:
    """The address of a listener; `::` takes IPv4 as well."""
    host = LOOPBACK if host == "localhost" else host
    return Address(socket_address=SocketAddress(address=host, port_value=port, ipv4_compat=host == ANY_IPV6))


def proxy_protocol_filter() -> ListenerFilter:
    """Reads the client's address from a PROXY header; a connection without one is refused."""
    return ListenerFilter(name="envoy.filters.listener.proxy_protocol", typed_config=wire.packed(ProxyProtocol()))
