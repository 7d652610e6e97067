"""How Envoy's messages become bytes, and which library builds which of them.

Two libraries know the schema. `envoy-data-plane` has typed classes, so mypy checks every field name and type, but it
takes about a millisecond for a small message. `xds-protos` (upb) builds a virtual host in microseconds, but its classes
carry no types. So the resources of which there is one per configuration (the listener with its filters, secrets, our
own clusters, the bootstrap) are typed, and those of which there is one per route (`virtual_hosts`, `routes`,
`own_endpoints`, `clusters` and what these call: the modules that import `envoy`) are upb.

Both give the same bytes for the same content: the typed classes write fields in order and maps as they were filled,
which is sorted everywhere; upb is asked to sort.
"""

from collections.abc import Iterable
from datetime import timedelta

import betterproto2
from envoy_data_plane.envoy.config.core.v3 import AggregatedConfigSource, ApiVersion, ConfigSource
from envoy_data_plane.google.protobuf import Any as TypedAny
from google.protobuf.any_pb2 import Any as UpbAny
from google.protobuf.message import Message

from control_plane.snapshot import Reference, Resource, TypeUrl

FROM_CONTROL_PLANE = ConfigSource(
    ads=AggregatedConfigSource(),
    resource_api_version=ApiVersion.V3,
    # An Envoy without its routes or certificates waits for them; it does not start to answer without.
    initial_fetch_timeout=timedelta(0),
)


def packed(message: betterproto2.Message) -> TypedAny:
    """Wrap a typed message in an `Any`."""
    return TypedAny.pack(message)


def packed_upb(message: Message) -> UpbAny:
    """Wrap a upb message in an `Any`, its maps sorted."""
    wrapped = UpbAny()
    wrapped.Pack(message, deterministic=True)
    return wrapped


def resource(
    type_url: TypeUrl, name: str, message: betterproto2.Message | Message, references: Iterable[Reference] = ()
) -> Resource:
    """Serialise one resource."""
    body = message.SerializeToString(deterministic=True) if isinstance(message, Message) else bytes(message)
    return Resource(name, type_url, body, frozenset(references))
