"""What the ext_authz filter is told per route: whether to ask, and which facts to send along."""

from collections.abc import Mapping

from envoy.extensions.filters.http.ext_authz.v3 import ext_authz_pb2 as ext_authz
from google.protobuf.any_pb2 import Any

from control_plane.translate import names, wire

MOST_BODY_BYTES = 64 * 1024
FilterConfigs = Mapping[str, Any]
"""`typed_per_filter_config`: filter name to its settings at this place."""


def route_for_check(route_id: str, *, with_body: bool = False) -> FilterConfigs:
    """Tell `Check` which route was taken; the empty id says that there was none.

    With a body, the request waits until it is there as a whole, and one that is too long is refused with 413: half a
    message could hide the half that matters.
    """
    body = ext_authz.BufferSettings(max_request_bytes=MOST_BODY_BYTES, pack_as_bytes=True) if with_body else None
    settings = ext_authz.CheckSettings(context_extensions={names.CONTEXT_ROUTE_ID: route_id}, with_request_body=body)
    return {names.EXT_AUTHZ_FILTER: wire.packed_upb(ext_authz.ExtAuthzPerRoute(check_settings=settings))}


def without_check() -> FilterConfigs:
    """Do not ask: for what leads to no upstream of the operator's."""
    return {names.EXT_AUTHZ_FILTER: wire.packed_upb(ext_authz.ExtAuthzPerRoute(disabled=True))}
