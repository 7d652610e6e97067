"""What a raw resource names that we must serve as well: found by the messages that name things in Envoy's schema."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.protobuf.any_pb2 import Any as PackedAny
from google.protobuf.message import Message

from control_plane.raw.messages import message_of
from control_plane.snapshot import Reference, TypeUrl


def references_of(message: Message) -> Iterator[Reference]:
    """Every reference in a message, packed ones included; the same one possibly several times."""
    if isinstance(message, PackedAny):
        if (inner := message_of(message.TypeName())) is not None and message.Unpack(inner):
            yield from references_of(inner)
        return
    if (find := _NAMING.get(message.DESCRIPTOR.full_name)) is not None:
        yield from find(message)
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in _messages(field, value):
                yield from references_of(inner)


def _messages(field: Any, value: Any) -> Iterator[Message]:
    if field.message_type.GetOptions().map_entry:
        yield from (each for each in value.values() if isinstance(each, Message))
    elif field.is_repeated:
        yield from value
    else:
        yield value


def _cluster_field(message: Any, name: str = "cluster") -> Iterator[Reference]:
    if message.HasField(name):
        yield Reference(TypeUrl.CLUSTER, getattr(message, name))


def _by_config_source(
    type_url: TypeUrl, name: Callable[[Any], str], source: str
) -> Callable[[Any], Iterator[Reference]]:
    """A name that is looked up over ADS, and not in a file or at another server."""

    def find(message: Any) -> Iterator[Reference]:
        if getattr(message, source).HasField("ads"):
            yield Reference(type_url, name(message))

    return find


def _endpoints(message: Any) -> Iterator[Reference]:
    if message.eds_cluster_config.eds_config.HasField("ads"):
        yield Reference(TypeUrl.ENDPOINT, message.eds_cluster_config.service_name or message.name)


def _discovered_filter(message: Any) -> Iterator[Reference]:
    if message.config_discovery.config_source.HasField("ads"):
        yield Reference(TypeUrl.EXTENSION_CONFIG, message.name)


_HCM = "envoy.extensions.filters.network.http_connection_manager.v3"
_NAMING: Mapping[str, Callable[[Any], Iterator[Reference]]] = {
    "envoy.config.route.v3.RouteAction": _cluster_field,
    "envoy.config.route.v3.WeightedCluster.ClusterWeight": lambda message: iter(
        [Reference(TypeUrl.CLUSTER, message.name)] if message.name else []
    ),
    "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy": _cluster_field,
    "envoy.config.core.v3.GrpcService.EnvoyGrpc": lambda message: iter(
        [Reference(TypeUrl.CLUSTER, message.cluster_name)]
    ),
    "envoy.config.cluster.v3.Cluster": _endpoints,
    f"{_HCM}.Rds": _by_config_source(TypeUrl.ROUTE, lambda message: str(message.route_config_name), "config_source"),
    f"{_HCM}.HttpFilter": _discovered_filter,
    "envoy.config.listener.v3.Filter": _discovered_filter,
    "envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig": _by_config_source(
        TypeUrl.SECRET, lambda message: str(message.name), "sds_config"
    ),
}
