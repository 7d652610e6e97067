"""A listener of the operator's that is marked for protection asks our `Check` about every request.

The mark is `metadata: {filter_metadata: {ostiary: {protect: true}}}` of the listener. Everything on the way of an HTTP
request gets the published filter put before it, so no filter of the operator's and no upstream sees one that `Check`
has not let pass. Where that cannot be done for the whole listener, or a mark stands elsewhere, nothing is served: who
believes himself protected must be.
"""

from collections.abc import Iterator
from typing import Any

from envoy.config.core.v3.config_source_pb2 import (
    AggregatedConfigSource,
    ApiVersion,
    ConfigSource,
    ExtensionConfigSource,
)
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
    HttpFilter,
)
from google.protobuf.any_pb2 import Any as PackedAny
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from control_plane.raw.messages import message_of

MARK = "ostiary"
"""Namespace of the metadata that asks for protection."""
PUBLISHED = "ostiary.ext_authz"
"""The filter that asks `Check`; Envoys get it over ECDS, and answer with an error as long as they lack it."""
_EXT_AUTHZ = "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz"
_METADATA = "envoy.config.core.v3.Metadata"
_CHAINS_ELSEWHERE = ("fcds_config", "api_listener")
"""Fields of a listener by which it gets filters that do not stand in it."""


def protect(message: Message) -> str:
    """Carry out what a mark asks for; returns why that cannot be done, empty if it was, or there is none."""
    if isinstance(message, Listener) and MARK in message.metadata.filter_metadata:
        wanted = MessageToDict(message.metadata.filter_metadata[MARK])
        del message.metadata.filter_metadata[MARK]
        objection = _objection_to(wanted) or _put_before(message)
        if objection:
            return objection
    if _marked(message):
        return "only a listener can be marked for protection; let its `routes` and policies tell requests apart"
    return ""


def _objection_to(wanted: dict[str, Any]) -> str:
    if "policy" in wanted:
        return "the policy of a host and path stands in `routes` of the configuration file; leave `policy` out here"
    if list(wanted) != ["protect"] or wanted["protect"] is not True:
        return f"`{MARK}` in `filter_metadata` is written `{{protect: true}}`, or left out"
    return ""


def _put_before(listener: Listener) -> str:
    """Put our filter before everything that a request meets, in every filter chain."""
    elsewhere = next((name for name in _CHAINS_ELSEWHERE if listener.HasField(name)), None)
    if elsewhere is not None:
        return f"with `{elsewhere}` requests come in past its own filter chains; leave that, or the mark, out"
    chains = [*listener.filter_chains]
    if listener.HasField("default_filter_chain"):
        chains.append(listener.default_filter_chain)
    if not chains:
        return "there is no filter chain whose requests could be protected"
    for index, chain in enumerate(chains):
        # Only the last network filter can be the one that reads requests; those before it pass bytes on.
        manager, last = HttpConnectionManager(), chain.filters[-1] if chain.filters else None
        if last is None or not last.typed_config.Unpack(manager):
            return f"filter chain {index} does not end in an HTTP connection manager, so nothing can be asked about it"
        for filters in _ways(manager):
            if any(each.name == PUBLISHED for each in filters):
                return f"filter chain {index} has the filter `{PUBLISHED}` already; leave it, or the mark, out"
            others = [HttpFilter.FromString(each.SerializeToString()) for each in filters]
            del filters[:]
            filters.extend([_asking(), *others])
        last.typed_config.Pack(manager, deterministic=True)
    return ""


def _ways(manager: HttpConnectionManager) -> Iterator[Any]:
    """The filters that requests pass: the usual ones, and those that take their place after an upgrade's request."""
    yield manager.http_filters
    yield from (upgrade.filters for upgrade in manager.upgrade_configs if upgrade.filters)


def _asking() -> HttpFilter:
    over_ads = ConfigSource(ads=AggregatedConfigSource(), resource_api_version=ApiVersion.V3)
    return HttpFilter(
        name=PUBLISHED, config_discovery=ExtensionConfigSource(config_source=over_ads, type_urls=[_EXT_AUTHZ])
    )


def _marked(message: Message) -> bool:
    """Whether it is marked anywhere, within packed messages too."""
    if isinstance(message, PackedAny):
        inside = message_of(message.TypeName())
        return inside is not None and message.Unpack(inside) and _marked(inside)
    for known, value in message.ListFields():
        if known.message_type is None:
            continue
        if known.message_type.full_name == _METADATA and MARK in value.filter_metadata:
            return True
        is_map = known.message_type.GetOptions().map_entry
        inner = value.values() if is_map else value if known.is_repeated else (value,)
        if any(isinstance(each, Message) and _marked(each) for each in inner):
            return True
    return False
