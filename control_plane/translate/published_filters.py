"""Filters that the operator's own listeners may refer to (ECDS), so that they ask the same `Check` as ours.

https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/extension
"""

from collections.abc import Iterator

from envoy_data_plane.envoy.config.core.v3 import TypedExtensionConfig

from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.ext_authz import ext_authz_filter


def published_filters() -> Iterator[Resource]:
    """Each under the name of the filter, which a reference must have too."""
    asking = ext_authz_filter()
    yield wire.resource(
        TypeUrl.EXTENSION_CONFIG,
        asking.name,
        TypedExtensionConfig(name=asking.name, typed_config=asking.typed_config),
        [Reference(TypeUrl.CLUSTER, names.CHECK_CLUSTER)],
    )
