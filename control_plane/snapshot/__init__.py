"""What the Envoys are to be served: immutable, consistent, versioned by content."""

from control_plane.snapshot.resource import Reference, Resource
from control_plane.snapshot.snapshot import ResourceSet, Snapshot, SnapshotInconsistent
from control_plane.snapshot.types import FULL_STATE_TYPES, PUSH_ORDER, WILDCARD_TYPES, TypeUrl

__all__ = [
    "FULL_STATE_TYPES",
    "PUSH_ORDER",
    "WILDCARD_TYPES",
    "Reference",
    "Resource",
    "ResourceSet",
    "Snapshot",
    "SnapshotInconsistent",
    "TypeUrl",
]
