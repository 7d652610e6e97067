"""What a client and this control plane say to each other on an ADS stream, as values.

`envoy.service.discovery.v3`: https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from control_plane.snapshot import Resource


@dataclass(frozen=True, slots=True)
class Node:
    """Who a client says it is. Unverified: it decides nothing but what group's resources to offer."""

    id: str = ""
    """`node.id`; empty if the client did not say."""
    cluster: str = ""
    """`node.cluster`."""
    version: str = ""
    """Version of the client's build, such as `1.40.0`."""
    metadata_group: str = ""
    """`node.metadata.group`; empty if the client did not say."""

    @property
    def group(self) -> str:
        """Whose resources it gets besides those for all."""
        return self.metadata_group or self.cluster


@dataclass(frozen=True, slots=True)
class Refusal:
    """The `error_detail` of a request: why the client did not take a response."""

    code: int
    """A gRPC status code."""
    message: str
    """The client's own words."""


@dataclass(frozen=True, slots=True)
class Request:
    """A `DiscoveryRequest`: state of the world."""

    type_url: str
    """Type that this is about; on an ADS stream never empty."""
    names: tuple[str, ...] = ()
    """All names that the client now subscribes to."""
    version: str = ""
    """Version that the client last accepted, perhaps on an earlier stream."""
    nonce: str = ""
    """Nonce of the response that the client last received; empty on the first request of a type."""
    refusal: Refusal | None = None
    """Present if the client refuses the response of that nonce."""


@dataclass(frozen=True, slots=True)
class DeltaRequest:
    """A `DeltaDiscoveryRequest`: subscriptions as differences."""

    type_url: str
    """Type that this is about; on an ADS stream never empty."""
    subscribe: tuple[str, ...] = ()
    """Names to add to the subscription."""
    unsubscribe: tuple[str, ...] = ()
    """Names to take from it."""
    initial_versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Name to version of what the client kept from an earlier stream; heeded on the first request of a type."""
    nonce: str = ""
    """Nonce of the response that this answers; empty if it answers none."""
    refusal: Refusal | None = None
    """Present if the client refuses the response of that nonce."""


@dataclass(frozen=True, slots=True)
class Response:
    """A `DiscoveryResponse`."""

    type_url: str
    """Type of all its resources."""
    version: str
    """Version of the type in the snapshot that this was taken from."""
    nonce: str
    """Unique within the stream."""
    resources: tuple[Resource, ...] = ()
    """Sorted by name, no name twice. The full state of the subscription for LDS and CDS, else a part of it."""


@dataclass(frozen=True, slots=True)
class DeltaResponse:
    """A `DeltaDiscoveryResponse`."""

    type_url: str
    """Type of all its resources."""
    version: str
    """Version of the type in the snapshot that this was taken from; for people, the protocol ignores it."""
    nonce: str
    """Unique within the stream."""
    resources: tuple[Resource, ...] = ()
    """Those that are new or changed, sorted by name, no name twice."""
    removed: tuple[str, ...] = ()
    """Names that the client must forget, or that it asked for and do not exist; sorted."""
