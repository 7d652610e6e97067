"""The xDS resource types, and the order in which a stream pushes them.

https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#eventual-consistency-considerations
"""

from enum import StrEnum

_PREFIX = "type.googleapis.com/"


class TypeUrl(StrEnum):
    """A resource type that this control plane may serve."""

    RUNTIME = _PREFIX + "envoy.service.runtime.v3.Runtime"
    SECRET = _PREFIX + "envoy.extensions.transport_sockets.tls.v3.Secret"
    CLUSTER = _PREFIX + "envoy.config.cluster.v3.Cluster"
    ENDPOINT = _PREFIX + "envoy.config.endpoint.v3.ClusterLoadAssignment"
    EXTENSION_CONFIG = _PREFIX + "envoy.config.core.v3.TypedExtensionConfig"
    LISTENER = _PREFIX + "envoy.config.listener.v3.Listener"
    ROUTE = _PREFIX + "envoy.config.route.v3.RouteConfiguration"
    VIRTUAL_HOST = _PREFIX + "envoy.config.route.v3.VirtualHost"

    # Types are looked up for every resource; `Enum` would compute its hash in Python.
    __hash__ = str.__hash__

    @property
    def noun(self) -> str:
        """What messages for people call one resource of this type."""
        return _NOUNS[self]


_NOUNS = {
    TypeUrl.RUNTIME: "runtime layer",
    TypeUrl.SECRET: "secret",
    TypeUrl.CLUSTER: "cluster",
    TypeUrl.ENDPOINT: "endpoints",
    TypeUrl.EXTENSION_CONFIG: "extension configuration",
    TypeUrl.LISTENER: "listener",
    TypeUrl.ROUTE: "route configuration",
    TypeUrl.VIRTUAL_HOST: "virtual host",
}

PUSH_ORDER: tuple[TypeUrl, ...] = tuple(TypeUrl)
"""Make before break: what is named comes before what names it, so CDS, EDS, LDS, RDS."""

FULL_STATE_TYPES = frozenset({TypeUrl.LISTENER, TypeUrl.CLUSTER})
"""Types whose SotW responses are the full state: what is absent is deleted."""

WILDCARD_TYPES = FULL_STATE_TYPES | {TypeUrl.VIRTUAL_HOST}
"""Types that a client may ask for without naming any. Envoy does so for virtual hosts, too, and picks out those whose
names begin with the name of its route configuration."""
