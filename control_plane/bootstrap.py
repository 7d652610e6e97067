"""The bootstrap: what an Envoy must know to ask us for everything else.

https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/bootstrap
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from betterproto2 import Casing
from envoy_data_plane.envoy.config.bootstrap.v3 import (
    Admin,
    Bootstrap,
    BootstrapDeferredStatOptions,
    BootstrapDynamicResources,
    BootstrapStaticResources,
    LayeredRuntime,
    RuntimeLayer,
)
from envoy_data_plane.envoy.config.core.v3 import (
    ApiConfigSource,
    ApiConfigSourceApiType,
    ApiVersion,
    BackoffStrategy,
    GrpcService,
    GrpcServiceEnvoyGrpc,
    Node,
    RetryPolicy,
)
from envoy_data_plane.envoy.config.overload.v3 import (
    OverloadAction,
    OverloadManager,
    ResourceMonitor,
    ThresholdTrigger,
    Trigger,
)
from envoy_data_plane.envoy.extensions.resource_monitors.downstream_connections.v3 import DownstreamConnectionsConfig
from envoy_data_plane.envoy.extensions.resource_monitors.fixed_heap.v3 import FixedHeapConfig
from envoy_data_plane.google.protobuf import Struct

from control_plane.translate.addresses import address_of
from control_plane.translate.own_clusters import HTTP2, own_cluster
from control_plane.translate.wire import FROM_CONTROL_PLANE, packed

XDS_CLUSTER = "ostiary-xds"
HEAP_MONITOR = "envoy.resource_monitors.fixed_heap"
CONNECTIONS_MONITOR = "envoy.resource_monitors.global_downstream_max_connections"
SHORTEST_RECONNECT, LONGEST_RECONNECT = timedelta(milliseconds=500), timedelta(seconds=5)
OVERLOAD_INTERVAL = timedelta(milliseconds=250)

RUNTIME = {
    # Operators may write expressions longer than Envoy's default of 100 instructions; RE2 is linear in any case.
    "re2.max_program_size.error_level": 32_768,
}


@dataclass(frozen=True, slots=True)
class BootstrapSettings:
    """What differs from one Envoy to the next."""

    node_id: str
    """Unique name of this Envoy, as `status` shows it."""
    node_cluster: str
    """Group of Envoys that are served the same resources."""
    xds: str
    """Address of the ADS server: `unix:///path` or `host:port`."""
    admin: str
    """Address of Envoy's admin interface: `unix:///path` or a loopback `host:port`. It has no authentication."""
    envoy_folder: str = ""
    """Folder with the certificate that this Envoy shows the ADS server; empty: that speaks plain text."""
    max_heap_bytes: int = 1 << 30
    """Memory at which this Envoy begins to refuse requests."""
    max_connections: int = 50_000
    """Connections of clients beyond which new ones are refused."""


def render_bootstrap(settings: BootstrapSettings) -> str:
    """The bootstrap as JSON, which Envoy's `--config-path` takes. Raises UnusableAddress."""
    return as_json(bootstrap(settings))


def bootstrap(settings: BootstrapSettings) -> Bootstrap:
    """The bootstrap as a message: listeners and clusters come over one Delta ADS stream (xDS protocol, "ADS")."""
    server = own_cluster(XDS_CLUSTER, settings.xds, HTTP2, settings.envoy_folder)
    return Bootstrap(
        node=Node(id=settings.node_id, cluster=settings.node_cluster),
        admin=Admin(address=address_of(settings.admin)),
        dynamic_resources=BootstrapDynamicResources(
            ads_config=_ads(), lds_config=FROM_CONTROL_PLANE, cds_config=FROM_CONTROL_PLANE
        ),
        static_resources=BootstrapStaticResources(clusters=[server]),
        overload_manager=_overload_manager(settings),
        # Of the hundreds of counters of an upstream, those are made that count: half of Envoy's memory for a route.
        deferred_stat_options=BootstrapDeferredStatOptions(enable_deferred_creation_stats=True),
        layered_runtime=LayeredRuntime(layers=[_runtime(RUNTIME)]),
    )


def as_json(message: Bootstrap) -> str:
    """A bootstrap as indented JSON."""
    return json.dumps(message.to_dict(casing=Casing.SNAKE), indent=2) + "\n"


def _ads() -> ApiConfigSource:
    return ApiConfigSource(
        api_type=ApiConfigSourceApiType.DELTA_GRPC,
        transport_api_version=ApiVersion.V3,
        grpc_services=[GrpcService(envoy_grpc=GrpcServiceEnvoyGrpc(cluster_name=XDS_CLUSTER, retry_policy=_soon()))],
        set_node_on_first_message_only=True,
    )


def _soon() -> RetryPolicy:
    """Look for a control plane that went away every few seconds; Envoy's own choice lets half a minute pass."""
    return RetryPolicy(retry_back_off=BackoffStrategy(base_interval=SHORTEST_RECONNECT, max_interval=LONGEST_RECONNECT))


def _overload_manager(settings: BootstrapSettings) -> OverloadManager:
    """Give memory back when it gets scarce, then refuse requests, rather than be killed.

    https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/overload_manager/overload_manager
    """
    heap = FixedHeapConfig(max_heap_size_bytes=settings.max_heap_bytes)
    connections = DownstreamConnectionsConfig(max_active_downstream_connections=settings.max_connections)
    return OverloadManager(
        refresh_interval=OVERLOAD_INTERVAL,
        resource_monitors=[
            ResourceMonitor(name=HEAP_MONITOR, typed_config=packed(heap)),
            ResourceMonitor(name=CONNECTIONS_MONITOR, typed_config=packed(connections)),
        ],
        actions=[
            _on_heap("envoy.overload_actions.shrink_heap", 0.95),
            _on_heap("envoy.overload_actions.stop_accepting_requests", 0.98),
        ],
    )


def _on_heap(action: str, share: float) -> OverloadAction:
    return OverloadAction(name=action, triggers=[Trigger(name=HEAP_MONITOR, threshold=ThresholdTrigger(value=share))])


def _runtime(values: Mapping[str, object]) -> RuntimeLayer:
    return RuntimeLayer(name="ostiary", static_layer=Struct.from_dict(dict(values)))
