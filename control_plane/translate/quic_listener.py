"""HTTP/3: the same listener once more, over QUIC on the UDP port of the same number.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http3
"""

from collections.abc import Iterator

from envoy_data_plane.envoy.config.core.v3 import SocketAddressProtocol, TrafficDirection
from envoy_data_plane.envoy.config.listener.v3 import Filter, FilterChain, QuicProtocolOptions, UdpListenerConfig
from envoy_data_plane.envoy.config.listener.v3 import Listener as EnvoyListener

from access_model.model import AccessModel
from control_plane.snapshot import Resource, TypeUrl
from control_plane.translate import hardening, names, wire
from control_plane.translate.downstream_tls import downstream_tls
from control_plane.translate.http_connection_manager import http_connection_manager
from control_plane.translate.listener import bind_address, references_of
from control_plane.translate.places import Places
from control_plane.translate.public_port import public_port
from control_plane.translate.secrets import certificate_names

ALT_SVC = "alt-svc"
FRESH_SECONDS = 86_400
"""How long a client may remember that there is HTTP/3."""


def quic_listeners(model: AccessModel, places: Places) -> Iterator[Resource]:
    """The listener, if there is to be one, with the references of its sibling."""
    if model.listener.codec == "http3":
        listener = _listener(model, places)
        yield wire.resource(TypeUrl.LISTENER, names.QUIC_LISTENER, listener, references_of(model, places))


def alternative_service(model: AccessModel) -> str | None:
    """The value of `Alt-Svc` (RFC 7838) that tells clients of it; None where there is none."""
    return f'h3=":{public_port(model)}"; ma={FRESH_SECONDS}' if model.listener.codec == "http3" else None


def _listener(model: AccessModel, places: Places) -> EnvoyListener:
    manager = Filter(
        name="envoy.filters.network.http_connection_manager",
        typed_config=wire.packed(http_connection_manager(model, places, quic=True)),
    )
    address = bind_address(model.listener.address, model.listener.port)
    assert address.socket_address is not None
    address.socket_address.protocol = SocketAddressProtocol.UDP
    tls = downstream_tls(certificate_names(model.listener, places), model.listener, quic=True)
    quic = QuicProtocolOptions(
        quic_protocol_options=hardening.quic(model.listener.timeouts),
        crypto_handshake_timeout=hardening.TLS_HANDSHAKE_TIMEOUT,
    )
    return EnvoyListener(
        name=names.QUIC_LISTENER,
        address=address,
        traffic_direction=TrafficDirection.INBOUND,
        per_connection_buffer_limit_bytes=hardening.CONNECTION_BUFFER_BYTES,
        udp_listener_config=UdpListenerConfig(quic_options=quic),
        filter_chains=[FilterChain(filters=[manager], transport_socket=tls)],
    )
