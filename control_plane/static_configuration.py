"""The whole snapshot as one static configuration, for an Envoy that only validates, or has no control plane.

The bytes of the resources are those that would be served. What they name is put in their place: the route configuration
into the listener, the certificates beside it.
"""

import json
from collections.abc import Iterable

from envoy.config.bootstrap.v3 import bootstrap_pb2 as bootstrap_messages
from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
)
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import Secret
from envoy.extensions.transport_sockets.tls.v3.tls_pb2 import DownstreamTlsContext, UpstreamTlsContext

from access_model.model import AccessModel
from control_plane.bootstrap import BootstrapSettings, bootstrap
from control_plane.readable import as_values
from control_plane.snapshot import Resource, TypeUrl
from control_plane.translate import Places, translate


def render_static(model: AccessModel, places: Places, settings: BootstrapSettings) -> str:
    """The configuration as JSON for `envoy --mode validate`. It holds the certificates' private keys.

    Raises what `translate` raises.
    """
    message = bootstrap_messages.Bootstrap.FromString(bytes(bootstrap(settings)))
    message.ClearField("dynamic_resources")
    message.ClearField("static_resources")
    _fill(message.static_resources, translate(model, places))
    return json.dumps(as_values(message), indent=2) + "\n"


def _fill(static: bootstrap_messages.Bootstrap.StaticResources, resources: Iterable[Resource]) -> None:
    by_type: dict[TypeUrl, dict[str, bytes]] = {}
    for resource in resources:
        by_type.setdefault(resource.type_url, {})[resource.name] = resource.body
    routes = by_type.get(TypeUrl.ROUTE, {})
    static.clusters.extend(map(_with_secrets_at_hand, by_type.get(TypeUrl.CLUSTER, {}).values()))
    static.secrets.extend(map(Secret.FromString, by_type.get(TypeUrl.SECRET, {}).values()))
    static.listeners.extend(_standing_alone(body, routes) for body in by_type.get(TypeUrl.LISTENER, {}).values())


def _with_secrets_at_hand(body: bytes) -> Cluster:
    """A cluster that asks nobody for its certificate."""
    cluster = Cluster.FromString(body)
    for socket in (cluster.transport_socket, *(each.transport_socket for each in cluster.transport_socket_matches)):
        tls = UpstreamTlsContext()
        if socket.typed_config.Unpack(tls) and tls.common_tls_context.tls_certificate_sds_secret_configs:
            for secret in tls.common_tls_context.tls_certificate_sds_secret_configs:
                secret.ClearField("sds_config")
            socket.typed_config.Pack(tls, deterministic=True)
    return cluster


def _standing_alone(body: bytes, routes: dict[str, bytes]) -> Listener:
    """A listener that asks nobody for its routes and certificates."""
    listener = Listener.FromString(body)
    for chain in listener.filter_chains:
        for network_filter in chain.filters:
            manager = HttpConnectionManager()
            network_filter.typed_config.Unpack(manager)
            if manager.HasField("rds"):
                manager.route_config.CopyFrom(RouteConfiguration.FromString(routes[manager.rds.route_config_name]))
            network_filter.typed_config.Pack(manager, deterministic=True)
        if chain.HasField("transport_socket"):
            tls = DownstreamTlsContext()
            chain.transport_socket.typed_config.Unpack(tls)
            context = tls.common_tls_context
            for secret in context.tls_certificate_sds_secret_configs:
                secret.ClearField("sds_config")
            if context.HasField("validation_context_sds_secret_config"):
                context.validation_context_sds_secret_config.ClearField("sds_config")
            chain.transport_socket.typed_config.Pack(tls, deterministic=True)
    return listener
