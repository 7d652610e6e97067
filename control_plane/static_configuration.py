"""The whole snapshot as one static configuration, for an Envoy that only validates, or has no control plane.

The bytes of the resources are those that would be served. What they name is put in their place: the virtual hosts into
the route configuration, that into the listener, the certificates beside it.
"""

import json
from collections.abc import Iterable

from envoy.config.bootstrap.v3 import bootstrap_pb2 as bootstrap_messages
from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3.base_pb2 import TransportSocket
from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
)
from envoy.extensions.transport_sockets.quic.v3.quic_transport_pb2 import QuicDownstreamTransport
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import SdsSecretConfig, Secret
from envoy.extensions.transport_sockets.tls.v3.tls_pb2 import CommonTlsContext, DownstreamTlsContext, UpstreamTlsContext

from access_model.model import AccessModel
from control_plane.bootstrap import BootstrapSettings, bootstrap
from control_plane.inlining import inlined_resources
from control_plane.readable import as_values
from control_plane.snapshot import Resource, TypeUrl
from control_plane.translate import Places, translate

ByType = dict[TypeUrl, dict[str, bytes]]
"""Serialised resources by type and name."""
_ON_ITS_MACHINE = "path_config_source"


def render_static(model: AccessModel, places: Places, settings: BootstrapSettings) -> str:
    """The configuration as JSON for `envoy --mode validate`. It holds the certificates' private keys.

    Raises what `translate` raises. The resources must be a consistent snapshot.
    """
    message = bootstrap_messages.Bootstrap.FromString(bytes(bootstrap(settings)))
    message.ClearField("dynamic_resources")
    message.ClearField("static_resources")
    _fill(message.static_resources, translate(model, places))
    return json.dumps(as_values(message), indent=2) + "\n"


def _fill(static: bootstrap_messages.Bootstrap.StaticResources, resources: Iterable[Resource]) -> None:
    by_type: ByType = {}
    for resource in inlined_resources(resources):
        by_type.setdefault(resource.type_url, {})[resource.name] = resource.body
    static.clusters.extend(_self_sufficient(body, by_type) for body in by_type.get(TypeUrl.CLUSTER, {}).values())
    static.secrets.extend(map(Secret.FromString, by_type.get(TypeUrl.SECRET, {}).values()))
    static.listeners.extend(_standing_alone(body, by_type) for body in by_type.get(TypeUrl.LISTENER, {}).values())


def _self_sufficient(body: bytes, by_type: ByType) -> Cluster:
    """A cluster that asks us for no endpoints and no certificate."""
    cluster = Cluster.FromString(body)
    _fill_in_endpoints(cluster, by_type)
    for socket in (cluster.transport_socket, *(each.transport_socket for each in cluster.transport_socket_matches)):
        tls = UpstreamTlsContext()
        if socket.typed_config.Unpack(tls) and _asks_somebody(tls.common_tls_context):
            _ask_nobody(tls.common_tls_context)
            socket.typed_config.Pack(tls, deterministic=True)
    return cluster


def _fill_in_endpoints(cluster: Cluster, by_type: ByType) -> None:
    if cluster.eds_cluster_config.eds_config.HasField("ads"):
        name = cluster.eds_cluster_config.service_name or cluster.name
        cluster.load_assignment.CopyFrom(ClusterLoadAssignment.FromString(by_type[TypeUrl.ENDPOINT][name]))
        cluster.ClearField("eds_cluster_config")
        cluster.type = Cluster.STATIC


def _standing_alone(body: bytes, by_type: ByType) -> Listener:
    """A listener that asks us for no routes, filters and certificates."""
    listener = Listener.FromString(body)
    for chain in (*listener.filter_chains, listener.default_filter_chain):
        for network_filter in chain.filters:
            manager = HttpConnectionManager()
            if network_filter.typed_config.Unpack(manager):
                _fill_manager(manager, by_type)
                network_filter.typed_config.Pack(manager, deterministic=True)
        if chain.HasField("transport_socket"):
            _fill_tls(chain.transport_socket)
    return listener


def _fill_tls(socket: TransportSocket) -> None:
    """Take the secrets from beside the listener, over TCP and QUIC alike."""
    tls, quic = DownstreamTlsContext(), QuicDownstreamTransport()
    if socket.typed_config.Unpack(tls):
        _ask_nobody(tls.common_tls_context)
        socket.typed_config.Pack(tls, deterministic=True)
    elif socket.typed_config.Unpack(quic):
        _ask_nobody(quic.downstream_tls_context.common_tls_context)
        socket.typed_config.Pack(quic, deterministic=True)


def _asks_somebody(context: CommonTlsContext) -> bool:
    return bool(context.tls_certificate_sds_secret_configs) or context.HasField("combined_validation_context")


def _ask_nobody(context: CommonTlsContext) -> None:
    """Take our secrets from beside; leave out those that lie on the machine of an Envoy, which may be another."""
    ours = [each for each in context.tls_certificate_sds_secret_configs if each.sds_config.HasField("ads")]
    del context.tls_certificate_sds_secret_configs[:]
    context.tls_certificate_sds_secret_configs.extend(SdsSecretConfig(name=each.name) for each in ours)
    if context.HasField("validation_context_sds_secret_config"):
        context.validation_context_sds_secret_config.ClearField("sds_config")
    shared = context.combined_validation_context.validation_context_sds_secret_config
    if shared.sds_config.HasField(_ON_ITS_MACHINE):
        context.ClearField("combined_validation_context")
    elif shared.sds_config.HasField("ads"):
        shared.ClearField("sds_config")


def _fill_manager(manager: HttpConnectionManager, by_type: ByType) -> None:
    if manager.rds.config_source.HasField("ads"):
        routes = by_type[TypeUrl.ROUTE][manager.rds.route_config_name]
        manager.route_config.CopyFrom(RouteConfiguration.FromString(routes))
    after_upgrades = (each for upgrade in manager.upgrade_configs for each in upgrade.filters)
    for http_filter in (*manager.http_filters, *after_upgrades):
        if http_filter.config_discovery.config_source.HasField("ads"):
            published = TypedExtensionConfig.FromString(by_type[TypeUrl.EXTENSION_CONFIG][http_filter.name])
            http_filter.typed_config.CopyFrom(published.typed_config)
