"""The snapshot in force, and waking those who serve it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Protocol

from control_plane.snapshot import Snapshot
from control_plane.xds import Node


class SnapshotSource(Protocol):
    """Where a stream finds what to serve."""

    def snapshot_for(self, node: Node) -> Snapshot | None:
        """Return the newest snapshot of the node's group, or None as long as there has been none."""
        ...

    def waking(self, event: asyncio.Event) -> AbstractContextManager[None]:
        """Within the block, set the event whenever there is a newer snapshot."""
        ...


class Publisher:
    """Holds the newest snapshots: one for all nodes, and those of groups that get something more.

    Publishing never waits: streams are woken and fetch the snapshot when they get to it, so a slow one
    skips what it was too slow for.
    """

    def __init__(self) -> None:
        self._current: Snapshot | None = None
        self._groups: Mapping[str, Snapshot] = {}
        self._events: set[asyncio.Event] = set()

    @property
    def current(self) -> Snapshot | None:
        """The snapshot in force for nodes of no group; None before the first."""
        return self._current

    @property
    def groups(self) -> Mapping[str, Snapshot]:
        """The snapshots in force by group."""
        return self._groups

    def publish(self, snapshot: Snapshot, groups: Mapping[str, Snapshot] = MappingProxyType({})) -> None:
        """Put snapshots in force. To be called on the event loop of the server."""
        self._current, self._groups = snapshot, groups
        for event in self._events:
            event.set()

    def snapshot_for(self, node: Node) -> Snapshot | None:
        """Return the snapshot in force for the node's group."""
        return self._groups.get(node.group, self._current)

    @contextmanager
    def waking(self, event: asyncio.Event) -> Iterator[None]:
        """Within the block, set the event whenever there is a newer snapshot."""
        self._events.add(event)
        try:
            yield
        finally:
            self._events.discard(event)
