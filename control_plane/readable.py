"""Resources as people read them: protobuf's JSON mapping, packed messages unfolded.

https://protobuf.dev/programming-guides/json/
"""

import json
from functools import cache
from importlib import import_module
from typing import Any

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import Default as default_pool  # noqa: N813 - a function
from google.protobuf.message import Message

from control_plane.snapshot import Resource

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
    "envoy.extensions.filters.http.router.v3.router_pb2",
    "envoy.extensions.filters.http.set_filter_state.v3.set_filter_state_pb2",
    "envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2",
    "envoy.extensions.http.early_header_mutation.header_mutation.v3.header_mutation_pb2",
    "envoy.extensions.resource_monitors.downstream_connections.v3.downstream_connections_pb2",
    "envoy.extensions.resource_monitors.fixed_heap.v3.fixed_heap_pb2",
    "envoy.extensions.transport_sockets.tls.v3.secret_pb2",
    "envoy.extensions.transport_sockets.tls.v3.tls_pb2",
    "envoy.extensions.upstreams.http.v3.http_protocol_options_pb2",
)
"""Modules of every message that we pack: a packed one is readable only once its module was imported."""


def readable(resource: Resource) -> dict[str, Any]:
    """One resource as JSON values, `@type` first. A secret's key material is part of it."""
    _load_schema()
    type_name = resource.type_url.rpartition("/")[2]
    message = message_factory.GetMessageClass(default_pool().FindMessageTypeByName(type_name))()
    message.ParseFromString(resource.body)
    return {"@type": str(resource.type_url), **as_values(message)}


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
