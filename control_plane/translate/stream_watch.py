"""The filter by which streams that last are watched over, so that they end with the session that opened them.

It asks for nothing but that: neither headers nor bodies go through it, and it sleeps where a route has a time limit or
is for everybody. While the decision service is away, no such stream begins, and those that are open are closed.
"""

from envoy.extensions.filters.http.ext_proc.v3 import ext_proc_pb2 as ext_proc
from envoy_data_plane.envoy.config.core.v3 import GrpcService, GrpcServiceEnvoyGrpc
from envoy_data_plane.envoy.extensions.filters.http.ext_proc.v3 import (
    ExternalProcessor,
    HeaderForwardingRules,
    MetadataOptions,
    MetadataOptionsMetadataNamespaces,
    ProcessingMode,
    ProcessingModeBodySendMode,
    ProcessingModeHeaderSendMode,
)
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter
from envoy_data_plane.envoy.type.matcher.v3 import ListStringMatcher, StringMatcher

from control_plane.translate import names, wire
from control_plane.translate.asking_check import FilterConfigs
from control_plane.translate.ext_authz import CHECK_TIMEOUT

CHECK_METADATA = "envoy.filters.http.ext_authz"
"""Where the metadata of `Check` are: under the filter's canonical name, whatever it is called."""
_MODE = ProcessingMode(
    request_header_mode=ProcessingModeHeaderSendMode.SEND,
    response_header_mode=ProcessingModeHeaderSendMode.SKIP,
    request_body_mode=ProcessingModeBodySendMode.NONE,
    response_body_mode=ProcessingModeBodySendMode.NONE,
    request_trailer_mode=ProcessingModeHeaderSendMode.SKIP,
    # that there may be trailers keeps the call open until the response is over
    response_trailer_mode=ProcessingModeHeaderSendMode.SEND,
)


def stream_watch_filter() -> HttpFilter:
    """The filter; behind `Check`, whose metadata say by whose right a stream was opened."""
    config = ExternalProcessor(
        grpc_service=GrpcService(envoy_grpc=GrpcServiceEnvoyGrpc(cluster_name=names.WATCH_CLUSTER)),
        failure_mode_allow=False,
        processing_mode=_MODE,
        message_timeout=CHECK_TIMEOUT,
        stat_prefix="ostiary",
        # no header of the request concerns it
        forward_rules=HeaderForwardingRules(
            allowed_headers=ListStringMatcher(patterns=[StringMatcher(exact="x-request-id")])
        ),
        metadata_options=MetadataOptions(
            forwarding_namespaces=MetadataOptionsMetadataNamespaces(untyped=[CHECK_METADATA])
        ),
    )
    return HttpFilter(name=names.STREAM_WATCH_FILTER, typed_config=wire.packed(config), disabled=True)


def watched() -> FilterConfigs:
    """Wake it on a route."""
    awake = ext_proc.ExtProcPerRoute(overrides=ext_proc.ExtProcOverrides())
    return {names.STREAM_WATCH_FILTER: wire.packed_upb(awake)}
