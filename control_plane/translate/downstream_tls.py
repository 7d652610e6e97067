"""TLS towards clients. With several certificates Envoy picks by server name, and falls back to the first."""

from collections.abc import Sequence

from envoy_data_plane.envoy.config.core.v3 import TransportSocket
from envoy_data_plane.envoy.extensions.transport_sockets.quic.v3 import QuicDownstreamTransport
from envoy_data_plane.envoy.extensions.transport_sockets.tls.v3 import (
    CommonTlsContext,
    DownstreamTlsContext,
    SdsSecretConfig,
    TlsParameters,
    TlsParametersTlsProtocol,
)

from access_model.model import Listener
from control_plane.translate import names, wire

ALPN = {"auto": ["h2", "http/1.1"], "http1": ["http/1.1"], "http2": ["h2"], "http3": ["h2", "http/1.1"]}


def downstream_tls(secret_names: Sequence[str], settings: Listener, *, quic: bool = False) -> TransportSocket:
    """TLS 1.2 or 1.3 with the certificates of these secrets, fetched over SDS so that a renewal drains nothing.

    The same goes for the authorities of clients' certificates, where those are asked for. With `quic` it is the TLS 1.3
    within QUIC, without early data: whoever recorded that could send it once more (RFC 8470 section 2).
    """
    asked = settings.client_certificates
    context = CommonTlsContext(
        tls_params=TlsParameters(
            tls_minimum_protocol_version=TlsParametersTlsProtocol.TLSv1_2,
            tls_maximum_protocol_version=TlsParametersTlsProtocol.TLSv1_3,
        ),
        tls_certificate_sds_secret_configs=[
            SdsSecretConfig(name=name, sds_config=wire.FROM_CONTROL_PLANE) for name in secret_names
        ],
        alpn_protocols=["h3"] if quic else ALPN[settings.codec],
        validation_context_sds_secret_config=SdsSecretConfig(
            name=names.CLIENT_AUTHORITIES, sds_config=wire.FROM_CONTROL_PLANE
        )
        if asked
        else None,
    )
    required = None if asked is None else asked.enforcement == "reject_connection"
    downstream = DownstreamTlsContext(common_tls_context=context, require_client_certificate=required)
    if quic:
        transport = QuicDownstreamTransport(downstream_tls_context=downstream, enable_early_data=False)
        return TransportSocket(name="envoy.transport_sockets.quic", typed_config=wire.packed(transport))
    return TransportSocket(
        name="envoy.transport_sockets.tls",
        typed_config=wire.packed(downstream),
    )
