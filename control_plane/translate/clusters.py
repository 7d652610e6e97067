"""The upstreams of routes: one cluster per route."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Literal

from envoy.config.cluster.v3 import cluster_pb2 as cluster
from envoy.config.core.v3 import address_pb2 as address
from envoy.config.core.v3 import protocol_pb2 as protocol
from envoy.config.endpoint.v3 import endpoint_components_pb2 as components
from envoy.config.endpoint.v3 import endpoint_pb2 as endpoint
from envoy.extensions.clusters.common.dns.v3 import dns_pb2 as dns
from envoy.extensions.clusters.dns.v3 import dns_cluster_pb2 as dns_cluster
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2 as upstream_http
from google.protobuf.any_pb2 import Any as TypedAny

from access_model.model import Route, Target
from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.addresses import is_ip_literal
from control_plane.translate.hardening import CONNECTION_BUFFER_BYTES
from control_plane.translate.memory import Memory
from control_plane.translate.pool import pool_fields
from control_plane.translate.upstream_tls import shares_authorities, tls_by_host, tls_metadata

Scheme = Literal["http", "https", "h2c", "unix", "tcp"]

CONNECT_TIMEOUT = timedelta(seconds=10)
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def route_clusters(routes: Iterable[Route], ca_bundle: str | None, memory: Memory) -> Iterator[Resource]:
    """The clusters of all routes.

    Those that speak TLS are verified against the file `ca_bundle`, or, if it is None, our `UPSTREAM_AUTHORITIES`.
    """
    for route in routes:
        if route.targets:
            yield memory.clusters.recall(_resource, route.id, route, ca_bundle)


def _resource(route_id: str, route: Route, ca_bundle: str | None) -> Resource:
    name = names.route_cluster(route_id)
    return wire.resource(TypeUrl.CLUSTER, name, _cluster(name, route, ca_bundle), _secrets(route, ca_bundle))


def _cluster(name: str, route: Route, ca_bundle: str | None) -> cluster.Cluster:
    """One cluster; its targets all speak one protocol, for HTTP version and TLS are settings of a cluster."""
    targets, scheme = route.targets, route.targets[0].scheme
    endpoints = [_endpoint(target, probed=bool(route.pool.health_checks)) for target in targets]
    return cluster.Cluster(
        name=name,
        connect_timeout=CONNECT_TIMEOUT,
        per_connection_buffer_limit_bytes={"value": CONNECTION_BUFFER_BYTES},
        load_assignment=endpoint.ClusterLoadAssignment(
            cluster_name=name, endpoints=[components.LocalityLbEndpoints(lb_endpoints=endpoints)]
        ),
        typed_extension_protocol_options={HTTP_OPTIONS: _http_options(scheme, upgrades=bool(route.upgrades))},
        **pool_fields(route.pool),
        **_discovery(targets),
        **(tls_by_host(route, ca_bundle) if scheme == "https" else {}),
    )


def _discovery(targets: tuple[Target, ...]) -> Mapping[str, Any]:
    if all(target.scheme == "unix" or is_ip_literal(target.host) for target in targets):
        return {"type": cluster.Cluster.STATIC}
    # One endpoint per address; IPv4 first, for `localhost` and others often have an IPv6 address that nobody serves.
    resolution = dns_cluster.DnsCluster(dns_lookup_family=dns.V4_PREFERRED, respect_dns_ttl=True)
    by_name = cluster.Cluster.CustomClusterType(name="envoy.clusters.dns", typed_config=wire.packed_upb(resolution))
    return {"cluster_type": by_name}


def _endpoint(target: Target, *, probed: bool) -> components.LbEndpoint:
    """One target. Its `hostname` is what `auto_host_rewrite`, and a probe, put into `Host`, port and all."""
    return components.LbEndpoint(
        endpoint=components.Endpoint(
            address=_address(target),
            hostname=target.authority,
            health_check_config={"hostname": target.authority} if probed else None,
        ),
        metadata=tls_metadata(target) if target.scheme == "https" else None,
        load_balancing_weight=None if target.weight is None else {"value": target.weight},
    )


def _address(target: Target) -> address.Address:
    if target.scheme == "unix":
        return address.Address(pipe=address.Pipe(path=target.host))
    return address.Address(socket_address=address.SocketAddress(address=target.host, port_value=target.port))


def _secrets(route: Route, ca_bundle: str | None) -> Iterator[Reference]:
    if route.targets[0].scheme != "https":
        return
    if route.tls.certificate is not None:
        yield Reference(TypeUrl.SECRET, names.client_certificate_secret(route.id))
    if shares_authorities(route.tls, ca_bundle):
        yield Reference(TypeUrl.SECRET, names.UPSTREAM_AUTHORITIES)


@cache
def _http_options(scheme: Scheme, *, upgrades: bool) -> TypedAny:
    """HTTP/2 where TLS negotiates it or the operator says `h2c`; HTTP/1.1 otherwise.

    Upgrades are of HTTP/1.1: few upstreams know their form in HTTP/2 (RFC 8441), so TLS does not negotiate it then.
    """
    http1, http2 = protocol.Http1ProtocolOptions(), protocol.Http2ProtocolOptions(allow_connect=upgrades)
    if scheme == "https" and not upgrades:
        automatic = upstream_http.HttpProtocolOptions.AutoHttpConfig(
            http_protocol_options=http1, http2_protocol_options=http2
        )
        return wire.packed_upb(upstream_http.HttpProtocolOptions(auto_config=automatic))
    explicit = {"http2_protocol_options": http2} if scheme == "h2c" else {"http_protocol_options": http1}
    config = upstream_http.HttpProtocolOptions.ExplicitHttpConfig(**explicit)
    return wire.packed_upb(upstream_http.HttpProtocolOptions(explicit_http_config=config))
