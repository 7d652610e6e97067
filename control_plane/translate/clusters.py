"""The upstreams of routes: one cluster per route."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal

from envoy.config.cluster.v3 import circuit_breaker_pb2 as circuit_breaker
from envoy.config.cluster.v3 import cluster_pb2 as cluster
from envoy.config.core.v3 import address_pb2 as address
from envoy.config.core.v3 import protocol_pb2 as protocol
from envoy.config.endpoint.v3 import endpoint_components_pb2 as components
from envoy.config.endpoint.v3 import endpoint_pb2 as endpoint
from envoy.extensions.clusters.common.dns.v3 import dns_pb2 as dns
from envoy.extensions.clusters.dns.v3 import dns_cluster_pb2 as dns_cluster
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2 as upstream_http

from access_model.model import Route, Target
from control_plane.snapshot import Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.addresses import is_ip_literal
from control_plane.translate.hardening import CONNECTION_BUFFER_BYTES
from control_plane.translate.own_clusters import MAX_CONCURRENT
from control_plane.translate.upstream_tls import tls_by_host, tls_metadata

Scheme = Literal["http", "https", "h2c"]

CONNECT_TIMEOUT = timedelta(seconds=10)
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def route_clusters(routes: Iterable[Route], ca_bundle: str) -> Iterator[Resource]:
    """The clusters of all routes; `ca_bundle` verifies those that speak TLS."""
    for route in routes:
        name = names.route_cluster(route.id)
        yield wire.resource(TypeUrl.CLUSTER, name, _cluster(name, route.targets, ca_bundle))


def _cluster(name: str, targets: tuple[Target, ...], ca_bundle: str) -> cluster.Cluster:
    """One cluster; its targets all speak one protocol, for HTTP version and TLS are settings of a cluster."""
    scheme = targets[0].scheme
    return cluster.Cluster(
        name=name,
        connect_timeout=CONNECT_TIMEOUT,
        per_connection_buffer_limit_bytes={"value": CONNECTION_BUFFER_BYTES},
        load_assignment=endpoint.ClusterLoadAssignment(
            cluster_name=name, endpoints=[components.LocalityLbEndpoints(lb_endpoints=list(map(_endpoint, targets)))]
        ),
        circuit_breakers=_generous(),
        typed_extension_protocol_options={HTTP_OPTIONS: wire.packed_upb(_http_options(scheme))},
        **_discovery(targets),
        **(tls_by_host(targets, ca_bundle) if scheme == "https" else {}),
    )


def _discovery(targets: tuple[Target, ...]) -> Mapping[str, Any]:
    if all(is_ip_literal(target.host) for target in targets):
        return {"type": cluster.Cluster.STATIC}
    # One endpoint per address; IPv4 first, for `localhost` and others often have an IPv6 address that nobody serves.
    resolution = dns_cluster.DnsCluster(dns_lookup_family=dns.V4_PREFERRED, respect_dns_ttl=True)
    by_name = cluster.Cluster.CustomClusterType(name="envoy.clusters.dns", typed_config=wire.packed_upb(resolution))
    return {"cluster_type": by_name}


def _endpoint(target: Target) -> components.LbEndpoint:
    """One target. Its `hostname` is what `auto_host_rewrite` puts into `Host`, port and all."""
    socket = address.SocketAddress(address=target.host, port_value=target.port)
    return components.LbEndpoint(
        endpoint=components.Endpoint(address=address.Address(socket_address=socket), hostname=target.authority),
        metadata=tls_metadata(target) if target.scheme == "https" else None,
        load_balancing_weight=None if target.weight is None else {"value": target.weight},
    )


def _http_options(scheme: Scheme) -> upstream_http.HttpProtocolOptions:
    """HTTP/2 where TLS negotiates it or the operator says `h2c`; HTTP/1.1 otherwise."""
    http1, http2 = protocol.Http1ProtocolOptions(), protocol.Http2ProtocolOptions()
    if scheme == "https":
        automatic = upstream_http.HttpProtocolOptions.AutoHttpConfig(
            http_protocol_options=http1, http2_protocol_options=http2
        )
        return upstream_http.HttpProtocolOptions(auto_config=automatic)
    explicit = {"http2_protocol_options": http2} if scheme == "h2c" else {"http_protocol_options": http1}
    return upstream_http.HttpProtocolOptions(
        explicit_http_config=upstream_http.HttpProtocolOptions.ExplicitHttpConfig(**explicit)
    )


def _generous() -> circuit_breaker.CircuitBreakers:
    limit = {"value": MAX_CONCURRENT}
    return circuit_breaker.CircuitBreakers(
        thresholds=[
            circuit_breaker.CircuitBreakers.Thresholds(
                max_connections=limit, max_pending_requests=limit, max_requests=limit
            )
        ]
    )
