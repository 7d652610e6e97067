"""The filter that asks `Check` about a request. Whatever goes wrong with the asking, the answer is no."""

from datetime import timedelta

from envoy_data_plane.envoy.config.core.v3 import ApiVersion, GrpcService, GrpcServiceEnvoyGrpc
from envoy_data_plane.envoy.extensions.filters.http.ext_authz.v3 import ExtAuthz
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter
from envoy_data_plane.envoy.type.v3 import HttpStatus, StatusCode

from control_plane.translate import names, wire
from control_plane.translate.client_chain import CHAIN_METADATA

CHECK_TIMEOUT = timedelta(seconds=5)


def ext_authz_filter() -> HttpFilter:
    """gRPC ext_authz, fail closed.

    Raw headers, because a map of strings can neither hold repeated values apart nor bytes that are not UTF-8.
    The route is not chosen anew after the answer, or a header that `Check` sets could move a request to a route that it
    was not asked about.
    """
    config = ExtAuthz(
        grpc_service=GrpcService(
            envoy_grpc=GrpcServiceEnvoyGrpc(cluster_name=names.CHECK_CLUSTER), timeout=CHECK_TIMEOUT
        ),
        transport_api_version=ApiVersion.V3,
        failure_mode_allow=False,
        status_on_error=HttpStatus(code=StatusCode.ServiceUnavailable),
        clear_route_cache=False,
        validate_mutations=True,
        encode_raw_headers=True,
        include_peer_certificate=True,
        include_tls_session=True,
        metadata_context_namespaces=[CHAIN_METADATA],
        stat_prefix="ostiary",
    )
    return HttpFilter(name=names.EXT_AUTHZ_FILTER, typed_config=wire.packed(config))
