"""Clusters of our own services: `Check`, the HTTP endpoints, and (for the bootstrap) the ADS server."""

from collections.abc import Iterator
from datetime import timedelta

from envoy_data_plane.envoy.config.cluster.v3 import (
    CircuitBreakers,
    CircuitBreakersThresholds,
    Cluster,
    ClusterCustomClusterType,
    ClusterDiscoveryType,
)
from envoy_data_plane.envoy.config.core.v3 import (
    Address,
    Http1ProtocolOptions,
    Http2ProtocolOptions,
    KeepaliveSettings,
)
from envoy_data_plane.envoy.config.endpoint.v3 import (
    ClusterLoadAssignment,
    Endpoint,
    LbEndpoint,
    LocalityLbEndpoints,
)
from envoy_data_plane.envoy.extensions.clusters.common.dns.v3 import DnsLookupFamily
from envoy_data_plane.envoy.extensions.clusters.dns.v3 import DnsCluster
from envoy_data_plane.envoy.extensions.upstreams.http.v3 import (
    HttpProtocolOptions,
    HttpProtocolOptionsExplicitHttpConfig,
)

from control_plane.snapshot import Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.addresses import address_of, is_ip_literal
from control_plane.translate.memory import Memory
from control_plane.translate.places import Places
from control_plane.translate.service_tls import service_tls

CONNECT_TIMEOUT = timedelta(seconds=1)
KEEPALIVE = KeepaliveSettings(interval=timedelta(seconds=30), timeout=timedelta(seconds=5))
MAX_CONCURRENT = 16_384

HTTP1 = HttpProtocolOptionsExplicitHttpConfig(http_protocol_options=Http1ProtocolOptions())
HTTP2 = HttpProtocolOptionsExplicitHttpConfig(
    http2_protocol_options=Http2ProtocolOptions(connection_keepalive=KEEPALIVE)
)


def own_clusters(places: Places, memory: Memory) -> Iterator[Resource]:
    """The clusters that a listener of ours needs.

    Streams are watched over by the service that answers `Check`, but counted by themselves: however many somebody opens
    and keeps open, requests of others are asked about.
    """
    for name, place, protocol in (
        (names.CHECK_CLUSTER, places.check, HTTP2),
        (names.WATCH_CLUSTER, places.check, HTTP2),
        (names.WEB_CLUSTER, places.web, HTTP1),
    ):
        yield memory.once.recall(_resource, name, place, protocol, places.envoy_folder)


def _resource(name: str, place: str, protocol: HttpProtocolOptionsExplicitHttpConfig, envoy_folder: str) -> Resource:
    return wire.resource(TypeUrl.CLUSTER, name, own_cluster(name, place, protocol, envoy_folder))


def own_cluster(
    name: str, place: str, protocol: HttpProtocolOptionsExplicitHttpConfig, envoy_folder: str = ""
) -> Cluster:
    """One cluster with one endpoint. Raises UnusableAddress.

    With the folder where an Envoy keeps its certificate over mutual TLS, save for a Unix socket.
    """
    address = address_of(place)
    endpoint = LbEndpoint(endpoint=Endpoint(address=address))
    options = HttpProtocolOptions(explicit_http_config=protocol)
    cluster = Cluster(
        name=name,
        connect_timeout=CONNECT_TIMEOUT,
        load_assignment=ClusterLoadAssignment(
            cluster_name=name, endpoints=[LocalityLbEndpoints(lb_endpoints=[endpoint])]
        ),
        circuit_breakers=_generous(),
        typed_extension_protocol_options={
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": wire.packed(options)
        },
    )
    if envoy_folder and (socket := address.socket_address) is not None:
        cluster.transport_socket = service_tls(socket.address, envoy_folder, http2=protocol is HTTP2)
    if _needs_resolution(address):
        cluster.cluster_type = ClusterCustomClusterType(
            name="envoy.clusters.dns",
            typed_config=wire.packed(DnsCluster(dns_lookup_family=DnsLookupFamily.V4_PREFERRED)),
        )
    else:
        cluster.type = ClusterDiscoveryType.STATIC
    return cluster


def _needs_resolution(address: Address) -> bool:
    socket = address.socket_address
    return socket is not None and not is_ip_literal(socket.address)


def _generous() -> CircuitBreakers:
    """Room for every request that the listener lets in; Envoy's own limit of 1,024 would be met first otherwise."""
    return CircuitBreakers(
        thresholds=[
            CircuitBreakersThresholds(
                max_connections=MAX_CONCURRENT, max_pending_requests=MAX_CONCURRENT, max_requests=MAX_CONCURRENT
            )
        ]
    )
