"""How an Envoy reaches our services over mutual TLS: with a certificate of its own, which we never see.

Certificate and authorities lie in a folder on the Envoy's machine and are read by its own secret discovery from files,
so that a renewal there takes effect without a restart:
https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret
"""

from envoy_data_plane.envoy.config.core.v3 import (
    ApiVersion,
    ConfigSource,
    PathConfigSource,
    TransportSocket,
    WatchedDirectory,
)
from envoy_data_plane.envoy.extensions.transport_sockets.tls.v3 import (
    CertificateValidationContext,
    CommonTlsContext,
    CommonTlsContextCombinedCertificateValidationContext,
    SdsSecretConfig,
    SubjectAltNameMatcher,
    SubjectAltNameMatcherSanType,
    TlsParameters,
    TlsParametersTlsProtocol,
    UpstreamTlsContext,
)
from envoy_data_plane.envoy.type.matcher.v3 import StringMatcher

from control_plane.translate import wire
from control_plane.translate.addresses import is_ip_literal

IDENTITY = "identity"
"""Secret with the Envoy's certificate and key, in a file of that name."""
AUTHORITIES = "authorities"
"""Secret with the authorities that our services' certificates come from."""


def file_of(secret: str, folder: str) -> str:
    """Where an Envoy finds the description of a secret."""
    return f"{folder}/{secret}.json"


def service_tls(host: str, folder: str, *, http2: bool) -> TransportSocket:
    """TLS 1.2 or 1.3 towards `host`, whose name or IP address must be in the certificate that it shows.

    SNI is never an IP address (RFC 6066 section 3). gRPC wants HTTP/2 negotiated (RFC 7301).
    """
    literal = is_ip_literal(host)
    name = SubjectAltNameMatcher(
        san_type=SubjectAltNameMatcherSanType.IP_ADDRESS if literal else SubjectAltNameMatcherSanType.DNS,
        matcher=StringMatcher(exact=host),
    )
    context = CommonTlsContext(
        tls_params=TlsParameters(
            tls_minimum_protocol_version=TlsParametersTlsProtocol.TLSv1_2,
            tls_maximum_protocol_version=TlsParametersTlsProtocol.TLSv1_3,
        ),
        alpn_protocols=["h2"] if http2 else [],
        tls_certificate_sds_secret_configs=[_from_file(IDENTITY, folder)],
        combined_validation_context=CommonTlsContextCombinedCertificateValidationContext(
            default_validation_context=CertificateValidationContext(match_typed_subject_alt_names=[name]),
            validation_context_sds_secret_config=_from_file(AUTHORITIES, folder),
        ),
    )
    upstream = UpstreamTlsContext(common_tls_context=context, sni="" if literal else host)
    return TransportSocket(name="envoy.transport_sockets.tls", typed_config=wire.packed(upstream))


def _from_file(secret: str, folder: str) -> SdsSecretConfig:
    source = ConfigSource(
        path_config_source=PathConfigSource(
            path=file_of(secret, folder), watched_directory=WatchedDirectory(path=folder)
        ),
        resource_api_version=ApiVersion.V3,
    )
    return SdsSecretConfig(name=secret, sds_config=source)
