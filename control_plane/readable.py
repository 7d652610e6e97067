"""Resources as people read them: protobuf's JSON mapping, packed messages unfolded.

https://protobuf.dev/programming-guides/json/
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from google.protobuf import json_format, message_factory
from google.protobuf.any_pb2 import Any as PackedAny
from google.protobuf.descriptor_pool import Default as default_pool  # noqa: N813 - a function
from google.protobuf.message import Message
from udpa.annotations import sensitive_pb2

from control_plane.snapshot import Resource
from control_plane.translate import names

SCHEMA = (
    "envoy.config.bootstrap.v3.bootstrap_pb2",
    "envoy.config.cluster.v3.cluster_pb2",
    "envoy.config.listener.v3.listener_pb2",
    "envoy.config.route.v3.route_pb2",
    "envoy.extensions.access_loggers.file.v3.file_pb2",
    "envoy.extensions.access_loggers.filters.cel.v3.cel_pb2",
    "envoy.extensions.access_loggers.stream.v3.stream_pb2",
    "envoy.extensions.clusters.dns.v3.dns_cluster_pb2",
    "envoy.extensions.filters.http.ext_authz.v3.ext_authz_pb2",
    "envoy.extensions.filters.http.ext_proc.v3.ext_proc_pb2",
    "envoy.extensions.filters.http.local_ratelimit.v3.local_rate_limit_pb2",
    "envoy.extensions.filters.http.lua.v3.lua_pb2",
    "envoy.extensions.filters.http.router.v3.router_pb2",
    "envoy.extensions.filters.http.set_filter_state.v3.set_filter_state_pb2",
    "envoy.extensions.filters.listener.proxy_protocol.v3.proxy_protocol_pb2",
    "envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2",
    "envoy.extensions.http.early_header_mutation.header_mutation.v3.header_mutation_pb2",
    "envoy.extensions.resource_monitors.downstream_connections.v3.downstream_connections_pb2",
    "envoy.extensions.resource_monitors.fixed_heap.v3.fixed_heap_pb2",
    "envoy.extensions.transport_sockets.quic.v3.quic_transport_pb2",
    "envoy.extensions.transport_sockets.tls.v3.secret_pb2",
    "envoy.extensions.transport_sockets.tls.v3.tls_pb2",
    "envoy.extensions.upstreams.http.v3.http_protocol_options_pb2",
)
"""Modules of every message that we pack: a packed one is readable only once its module was imported."""


REDACTED = "[redacted]"
_OURS = {names.CONTEXT_ROUTE_ID}
_FREE_FORM = {"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"}
"""Messages whose JSON is the operator's own, without our field names."""


def readable(resource: Resource) -> dict[str, Any]:
    """One resource as JSON values, `@type` first. A secret's key material is part of it."""
    message = _parsed(resource)
    return {"@type": str(resource.type_url), **as_values(message)}


def redacted(resource: Resource) -> dict[str, Any]:
    """One resource as JSON values, `@type` first, without what Envoy's schema marks as sensitive."""
    message = _parsed(resource)
    values = as_values(message)
    _redact(message, values)
    return {"@type": str(resource.type_url), **values}


def _parsed(resource: Resource) -> Message:
    _load_schema()
    type_name = resource.type_url.rpartition("/")[2]
    message: Message = message_factory.GetMessageClass(default_pool().FindMessageTypeByName(type_name))()
    message.ParseFromString(resource.body)
    return message


def _redact(message: Message, values: Any) -> None:
    """Blank out sensitive fields in the JSON of a message, packed messages included."""
    if not isinstance(values, dict) or message.DESCRIPTOR.full_name in _FREE_FORM:
        return
    if isinstance(message, PackedAny):
        unpacked = _unpacked(message)
        _redact(unpacked, values.get("value") if "value" in values else values)
        return
    for field, value in message.ListFields():
        if field.GetOptions().Extensions[sensitive_pb2.sensitive]:
            values[field.name] = _without_secrets(values[field.name])
        elif field.message_type is not None and field.name in values:
            for inner, shown in _pairs(field, value, values.get(field.name)):
                _redact(inner, shown)


def _without_secrets(value: Any) -> Any:
    """Envoy calls all of `context_extensions` sensitive; what we put there ourselves may be shown."""
    if not isinstance(value, dict) or not value.keys() & _OURS:
        return REDACTED
    return {key: shown if key in _OURS else REDACTED for key, shown in value.items()}


def _pairs(field: Any, value: Any, shown: Any) -> Iterator[tuple[Message, Any]]:
    """The messages in a field, each with its JSON."""
    if field.message_type.GetOptions().map_entry:
        if field.message_type.fields_by_name["value"].message_type is not None:
            yield from ((inner, shown[str(key)]) for key, inner in value.items())
    elif field.is_repeated:
        yield from zip(value, shown, strict=True)
    else:
        yield value, shown


def _unpacked(message: PackedAny) -> Message:
    name = message.TypeName()
    inner: Message = message_factory.GetMessageClass(default_pool().FindMessageTypeByName(name))()
    message.Unpack(inner)
    return inner


def as_values(message: Message) -> dict[str, Any]:
    """A message as JSON values, keys sorted, fields named as in Envoy's documentation."""
    _load_schema()
    values: dict[str, Any] = json.loads(
        json_format.MessageToJson(message, preserving_proto_field_name=True, sort_keys=True)
    )
    return values


@cache
def _load_schema() -> None:
    for module in SCHEMA:
        import_module(module)
