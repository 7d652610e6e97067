"""The snapshot in force, and waking those who serve it."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
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
    """Holds the newest snapshot. One group: every node is served the same.

    Publishing never waits: streams are woken and fetch the snapshot when they get to it, so a slow one
    skips what it was too slow for.
    """

    def __init__(self) -> None:
        self._current: Snapshot | None = None
        self._events: set[asyncio.Event] = set()

    @property
    def current(self) -> Snapshot | None:
        """The snapshot in force; None before the first."""
        return self._current

    def publish(self, snapshot: Snapshot) -> None:
        """Put a snapshot in force. To be called on the event loop of the server."""
        self._current = snapshot
        for event in self._events:
            event.set()

    def snapshot_for(self, node: Node) -> Snapshot | None:  # noqa: ARG002 - one group for all nodes
        """Return the snapshot in force."""
        return self._current

    @contextmanager
    def waking(self, event: asyncio.Event) -> Iterator[None]:
        """Within the block, set the event whenever there is a newer snapshot."""
        self._events.add(event)
        try:
            yield
        finally:
            self._events.discard(event)
