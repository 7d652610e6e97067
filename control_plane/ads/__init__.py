"""The ADS server: sockets, tasks and protobuf around the state machine of `control_plane.xds`."""

from control_plane.ads.membership import Members
from control_plane.ads.publisher import Publisher, SnapshotSource
from control_plane.ads.server import AdsServer

__all__ = ["AdsServer", "Members", "Publisher", "SnapshotSource"]
