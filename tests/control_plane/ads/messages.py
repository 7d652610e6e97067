"""Envoy's own messages, written by hand and small, as resources."""

from collections.abc import Iterable
from typing import Any

from envoy.config.cluster.v3 import cluster_pb2
from envoy.config.core.v3 import config_source_pb2
from envoy.config.endpoint.v3 import endpoint_pb2
from envoy.config.listener.v3 import listener_pb2
from envoy.config.route.v3 import route_components_pb2, route_pb2
from envoy.extensions.filters.http.router.v3 import router_pb2
from envoy.extensions.filters.network.http_connection_manager.v3 import http_connection_manager_pb2 as hcm_pb2
from google.protobuf import any_pb2, duration_pb2, json_format

from control_plane.snapshot import Reference, Resource, TypeUrl

OVER_ADS = config_source_pb2.ConfigSource(ads={}, resource_api_version="V3", initial_fetch_timeout={"seconds": 60})


def packed(message: Any) -> any_pb2.Any:
    wrapped = any_pb2.Any()
    wrapped.Pack(message, deterministic=True)
    return wrapped


def resource(type_url: TypeUrl, name: str, message: Any, references: Iterable[Reference] = ()) -> Resource:
    body = message.SerializeToString(deterministic=True)
    return Resource(name, type_url, body, frozenset(references))


def manager(route: str) -> Any:
    """An HTTP connection manager that gets its routes over ADS."""
    router = hcm_pb2.HttpFilter(name="router", typed_config=packed(router_pb2.Router()))
    return hcm_pb2.HttpConnectionManager(
        stat_prefix="test", rds={"config_source": OVER_ADS, "route_config_name": route}, http_filters=[router]
    )


def listener(name: str, port: int, route: str, *, host: str = "127.0.0.1") -> Resource:
    """A listener on a port; an impossible `host` is what Envoy refuses."""
    message = listener_pb2.Listener(name=name)
    message.address.socket_address.address = host
    message.address.socket_address.port_value = port
    chain = message.filter_chains.add()
    chain.filters.add(name="http", typed_config=packed(manager(route)))
    return resource(TypeUrl.LISTENER, name, message, [Reference(TypeUrl.ROUTE, route)])


def api_listener(name: str, route: str, *, filters: bool = True) -> Resource:
    """A listener as gRPC's client wants it: a target to resolve, no socket. Without filters it refuses it."""
    http = manager(route)
    if not filters:
        http.ClearField("http_filters")
    message = listener_pb2.Listener(name=name, api_listener={"api_listener": packed(http)})
    return resource(TypeUrl.LISTENER, name, message, [Reference(TypeUrl.ROUTE, route)])


def answering(name: str, text: str) -> Resource:
    """Routes that answer everything themselves."""
    action = {"direct_response": {"status": 200, "body": {"inline_string": text}}}
    return resource(TypeUrl.ROUTE, name, _routes(name, action))


def forwarding(name: str, cluster: str) -> Resource:
    """Routes that send everything to a cluster."""
    message = _routes(name, {"route": {"cluster": cluster}})
    return resource(TypeUrl.ROUTE, name, message, [Reference(TypeUrl.CLUSTER, cluster)])


def discovering(name: str) -> Resource:
    """Routes whose hosts are resources of their own."""
    message = route_pb2.RouteConfiguration(name=name, vhds={"config_source": OVER_ADS})
    return resource(TypeUrl.ROUTE, name, message)


def host(route: str, domain: str, text: str, *, regex: str = ".*") -> Resource:
    """A virtual host that answers everything itself; an impossible `regex` is what Envoy refuses."""
    entry = {
        "match": {"safe_regex": {"regex": regex}},
        "direct_response": {"status": 200, "body": {"inline_string": text}},
    }
    name = f"{route}/{domain}"
    values = {"name": name, "domains": [domain], "routes": [entry]}
    return resource(TypeUrl.VIRTUAL_HOST, name, json_format.ParseDict(values, route_components_pb2.VirtualHost()))


def _routes(name: str, action: dict[str, Any]) -> Any:
    every = {"match": {"prefix": ""}, **action}
    host = {"name": "all", "domains": ["*"], "routes": [every]}
    return json_format.ParseDict({"name": name, "virtual_hosts": [host]}, route_pb2.RouteConfiguration())


def eds_cluster(name: str, *, connect_timeout: int = 1) -> Resource:
    """A cluster that gets its endpoints over ADS."""
    message = cluster_pb2.Cluster(
        name=name,
        type=cluster_pb2.Cluster.EDS,
        eds_cluster_config={"eds_config": OVER_ADS},
        connect_timeout=duration_pb2.Duration(seconds=connect_timeout),
    )
    return resource(TypeUrl.CLUSTER, name, message, [Reference(TypeUrl.ENDPOINT, name)])


def endpoints(name: str, port: int) -> Resource:
    """One endpoint on loopback."""
    message = endpoint_pb2.ClusterLoadAssignment(cluster_name=name)
    locality = message.endpoints.add(load_balancing_weight={"value": 1}, locality={"zone": "here"})
    endpoint = locality.lb_endpoints.add().endpoint
    endpoint.address.socket_address.address = "127.0.0.1"
    endpoint.address.socket_address.port_value = port
    return resource(TypeUrl.ENDPOINT, name, message)
