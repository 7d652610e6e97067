"""What the ext_authz filter is told per route: whether to ask, and which facts to send along."""

from collections.abc import Mapping

from envoy.extensions.filters.http.ext_authz.v3 import ext_authz_pb2 as ext_authz
from google.protobuf.any_pb2 import Any

from control_plane.translate import names, wire

FilterConfigs = Mapping[str, Any]
"""`typed_per_filter_config`: filter name to its settings at this place."""


def route_for_check(route_id: str) -> FilterConfigs:
    """Tell `Check` which route was taken; the empty id says that there was none."""
    return _context(names.CONTEXT_ROUTE_ID, route_id)


def revision_for_check(revision: str) -> FilterConfigs:
    """Tell `Check` which configuration the route is from."""
    return _context(names.CONTEXT_REVISION, revision)


def without_check() -> FilterConfigs:
    """Do not ask: for what leads to no upstream of the operator's."""
    return {names.EXT_AUTHZ_FILTER: wire.packed_upb(ext_authz.ExtAuthzPerRoute(disabled=True))}


def _context(key: str, value: str) -> FilterConfigs:
    settings = ext_authz.CheckSettings(context_extensions={key: value})
    return {names.EXT_AUTHZ_FILTER: wire.packed_upb(ext_authz.ExtAuthzPerRoute(check_settings=settings))}
