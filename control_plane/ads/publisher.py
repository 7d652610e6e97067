"""The snapshot in force, and waking those who serve it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Protocol

from access_model.client_certificate import CertificateNames
from control_plane.ads.membership import Members, is_member
from control_plane.inlining import inlined
from control_plane.snapshot import Snapshot
from control_plane.xds import Node, Variant


class SnapshotSource(Protocol):
    """Where a stream finds what to serve."""

    def snapshot_for(self, node: Node, variant: Variant) -> Snapshot | None:
        """Return the newest snapshot of the node's group, or None as long as there has been none.

        The same object as long as there is none newer.
        """
        ...

    def objection(self, node: Node, peer: CertificateNames | None) -> str:
        """Return why a node with this certificate is not served what it asks for; empty if it is.

        `peer` is None on a connection that others cannot reach, without TLS.
        """
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
        self._members: Members = {}
        self._inlined: dict[str, Snapshot] = {}
        self._events: set[asyncio.Event] = set()

    @property
    def current(self) -> Snapshot | None:
        """The snapshot in force for nodes of no group; None before the first."""
        return self._current

    @property
    def groups(self) -> Mapping[str, Snapshot]:
        """The snapshots in force by group."""
        return self._groups

    def publish(
        self,
        snapshot: Snapshot,
        groups: Mapping[str, Snapshot] = MappingProxyType({}),
        members: Members = MappingProxyType({}),
    ) -> None:
        """Put snapshots in force, and who may ask for those of groups. To be called on the event loop of the server."""
        self._current, self._groups, self._members = snapshot, groups, members

        served = {each.version for each in (snapshot, *groups.values())}
        self._inlined = {version: each for version, each in self._inlined.items() if version in served}
        for event in self._events:
            event.set()

    def snapshot_for(self, node: Node, variant: Variant) -> Snapshot | None:
        """Return the snapshot in force for the node's group; in state of the world, route configurations are whole."""
        snapshot = self._groups.get(node.group, self._current)
        if snapshot is None or variant is Variant.DELTA:
            return snapshot
        if snapshot.version not in self._inlined:
            self._inlined[snapshot.version] = inlined(snapshot)
        return self._inlined[snapshot.version]

    def objection(self, node: Node, peer: CertificateNames | None) -> str:
        """Return why a node with this certificate does not get its group's snapshot; empty if it does."""
        if peer is None or node.group not in self._groups or is_member(peer, self._members.get(node.group, ())):
            return ""
        names = ", ".join(f"`{name}`" for name in (*peer.dns_names, *peer.uris)) or "none"
        return (
            f"node `{node.id}` says that it is of the group `{node.group}`, and `services.tls.groups` lists no name of "
            f"its certificate for that; its names: {names}"
        )

    @contextmanager
    def waking(self, event: asyncio.Event) -> Iterator[None]:
        """Within the block, set the event whenever there is a newer snapshot."""
        self._events.add(event)
        try:
            yield
        finally:
            self._events.discard(event)
