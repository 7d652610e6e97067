"""TLS towards clients. With several certificates Envoy picks by server name, and falls back to the first."""

from collections.abc import Sequence

from envoy_data_plane.envoy.config.core.v3 import TransportSocket
from envoy_data_plane.envoy.extensions.transport_sockets.tls.v3 import (
    CommonTlsContext,
    DownstreamTlsContext,
    SdsSecretConfig,
    TlsParameters,
    TlsParametersTlsProtocol,
)

from control_plane.translate import wire

ALPN = ["h2", "http/1.1"]


def downstream_tls(secret_names: Sequence[str]) -> TransportSocket:
    """TLS 1.2 or 1.3 with the certificates of these secrets, fetched over SDS so that a renewal drains nothing."""
    context = CommonTlsContext(
        tls_params=TlsParameters(
            tls_minimum_protocol_version=TlsParametersTlsProtocol.TLSv1_2,
            tls_maximum_protocol_version=TlsParametersTlsProtocol.TLSv1_3,
        ),
        tls_certificate_sds_secret_configs=[
            SdsSecretConfig(name=name, sds_config=wire.FROM_CONTROL_PLANE) for name in secret_names
        ],
        alpn_protocols=ALPN,
    )
    return TransportSocket(
        name="envoy.transport_sockets.tls",
        typed_config=wire.packed(DownstreamTlsContext(common_tls_context=context)),
    )
