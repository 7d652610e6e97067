"""TLS towards upstreams: verified against the system's authorities and the name in `to`, unless the route says else."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from envoy.config.cluster.v3 import cluster_pb2 as cluster
from envoy.config.core.v3 import base_pb2 as core
from envoy.config.core.v3 import config_source_pb2 as config_source
from envoy.extensions.transport_sockets.tls.v3 import common_pb2 as common
from envoy.extensions.transport_sockets.tls.v3 import secret_pb2 as secret
from envoy.extensions.transport_sockets.tls.v3 import tls_pb2 as tls
from envoy.type.matcher.v3 import string_pb2 as string
from google.protobuf.struct_pb2 import Struct, Value

from access_model.forwarding import UpstreamTls
from access_model.model import Route, Target
from control_plane.translate import names, wire
from control_plane.translate.addresses import is_ip_literal

MATCH_NAMESPACE = "envoy.transport_socket_match"
HOST_KEY = "host"


def tls_by_host(route: Route, ca_bundle: str | None) -> Mapping[str, Any]:
    """The fields of a cluster that make each target be asked for, and verified as, its own host.

    Where the route gives a name, all are asked for that.
    """
    own = {target.host for target in route.targets}
    hosts = sorted(own) if route.tls.server_name is None else [route.tls.server_name]
    sockets = [_socket(host, route, ca_bundle) for host in hosts]
    if len(hosts) == 1:
        return {"transport_socket": sockets[0]}
    matches = [
        cluster.Cluster.TransportSocketMatch(name=host, match=_mark(host), transport_socket=socket)
        for host, socket in zip(hosts, sockets, strict=True)
    ]
    # Envoy wants a socket for an endpoint that fits none of them, and wants it to negotiate HTTP/2 as they do.
    return {"transport_socket": sockets[0], "transport_socket_matches": matches}


def tls_metadata(target: Target) -> core.Metadata:
    """What chooses the target's socket among those of `tls_by_host`."""
    return core.Metadata(filter_metadata={MATCH_NAMESPACE: _mark(target.host)})


def _mark(host: str) -> Struct:
    return Struct(fields={HOST_KEY: Value(string_value=host)})


def _socket(host: str, route: Route, ca_bundle: str | None) -> core.TransportSocket:
    """TLS 1.2 or 1.3 with SNI (RFC 6066 section 3: never for an IP address) and verification of chain and name."""
    literal = is_ip_literal(host)
    name = common.SubjectAltNameMatcher(
        san_type=common.SubjectAltNameMatcher.IP_ADDRESS if literal else common.SubjectAltNameMatcher.DNS,
        matcher=string.StringMatcher(exact=host),
    )
    context = tls.CommonTlsContext(
        tls_params=common.TlsParameters(
            tls_minimum_protocol_version=common.TlsParameters.TLSv1_2,
            tls_maximum_protocol_version=common.TlsParameters.TLSv1_3,
        ),
        tls_certificate_sds_secret_configs=_own_certificate(route),
        **_validation(name, route.tls, ca_bundle),
    )
    upstream = tls.UpstreamTlsContext(common_tls_context=context, sni="" if literal else host)
    return core.TransportSocket(name="envoy.transport_sockets.tls", typed_config=wire.packed_upb(upstream))


def shares_authorities(settings: UpstreamTls, ca_bundle: str | None) -> bool:
    """Whether upstreams are verified against the secret that routes share, having neither a file nor their own."""
    return ca_bundle is None and settings.ca_pem is None and not settings.skip_verify


def _validation(name: common.SubjectAltNameMatcher, settings: UpstreamTls, ca_bundle: str | None) -> Mapping[str, Any]:
    """The field of a TLS context that says whom to believe. Without any, Envoy takes any certificate."""
    if settings.skip_verify:
        return {}
    rules = common.CertificateValidationContext(match_typed_subject_alt_names=[name])
    if shares_authorities(settings, ca_bundle):
        shared = secret.SdsSecretConfig(name=names.UPSTREAM_AUTHORITIES, sds_config=_from_control_plane())
        combined = tls.CommonTlsContext.CombinedCertificateValidationContext(
            default_validation_context=rules, validation_context_sds_secret_config=shared
        )
        return {"combined_validation_context": combined}
    own = settings.ca_pem
    authorities = core.DataSource(filename=ca_bundle) if own is None else core.DataSource(inline_string=own)
    rules.trusted_ca.CopyFrom(authorities)
    return {"validation_context": rules}


def _own_certificate(route: Route) -> Iterator[secret.SdsSecretConfig]:
    """Over SDS, as every private key, so that a renewal breaks no connection."""
    if route.tls.certificate is not None:
        yield secret.SdsSecretConfig(name=names.client_certificate_secret(route.id), sds_config=_from_control_plane())


def _from_control_plane() -> config_source.ConfigSource:
    return config_source.ConfigSource(
        ads=config_source.AggregatedConfigSource(),
        resource_api_version=config_source.ApiVersion.V3,
        initial_fetch_timeout=timedelta(0),
    )
