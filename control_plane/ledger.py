"""Who was sent what, and what became of it: the book behind `status`, and the counters.

Kept by node id, so it survives the reconnects of an Envoy, as long as this process lives.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry

from control_plane.meters import Meters
from control_plane.snapshot import Snapshot, TypeUrl
from control_plane.xds import Node, Rejected

MOST_DISCONNECTED = 256
"""How many nodes that have gone are remembered; beyond, those that went first are forgotten."""

MOST_LABELLED, LONGEST_LABEL = 256, 128
"""How many nodes have a label of their own in metrics, and how long it may be; the others share one."""
OTHERS = "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """A version, and when something became of it."""

    version: str
    """Version of the type."""
    at: datetime
    """When."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"version": self.version, "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Nack(Entry):
    """A version that a node refused."""

    message: str
    """The node's own words."""
    resources: tuple[str, ...]
    """What the refused response would have changed."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "version": self.version,
            "at": self.at.isoformat(),
            "message": self.message,
            "resources": list(self.resources),
        }


@dataclass(slots=True)
class TypeRecord:
    """The last of each kind, for one type of one node."""

    sent: Entry | None = None
    """Last version sent."""
    acked: Entry | None = None
    """Last version accepted."""
    nacked: Nack | None = None
    """Last version refused; stays when a later one is accepted."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values; what has not happened is None."""
        return {
            "sent": self.sent and self.sent.as_dict(),
            "acked": self.acked and self.acked.as_dict(),
            "nacked": self.nacked and self.nacked.as_dict(),
        }


@dataclass(slots=True)
class NodeRecord:
    """One node."""

    node: Node
    """What it said of itself last."""
    seen: datetime
    """When it last connected or disconnected."""
    streams: int = 0
    """How many streams it has open; two for a moment while it reconnects."""
    types: dict[str, TypeRecord] = field(default_factory=dict)
    """By the short name of the type."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "id": self.node.id,
            "cluster": self.node.cluster,
            "version": self.node.version,
            "connected": self.streams > 0,
            "seen": self.seen.isoformat(),
            "types": {name: record.as_dict() for name, record in sorted(self.types.items())},
        }


class Ledger:
    """Keeps the records; not to be shared between threads."""

    def __init__(self, clock: Callable[[], datetime], registry: CollectorRegistry) -> None:
        self._clock = clock
        self._nodes: dict[str, NodeRecord] = {}
        self._meters = Meters(registry)
        self._labelled: set[str] = set()
        self._noticed: datetime | None = None
        self._published: tuple[datetime, tuple[Snapshot, ...]] | None = None

    def noticed(self) -> None:
        """The configuration may have changed: what is published next is on its way from now."""
        self._noticed = self._clock()

    def published(self, *snapshots: Snapshot) -> None:
        """These are in force; how long clients take to accept one counts from when its cause was noticed."""
        self._published = self._noticed or self._clock(), snapshots
        self._noticed = None

    def connected(self, node: Node) -> None:
        """A node has opened a stream."""
        record = self._nodes.setdefault(node.id, NodeRecord(node, self._clock()))
        record.node, record.seen = node, self._clock()
        record.streams += 1
        self._meters.connected.inc()

    def disconnected(self, node: Node) -> None:
        """A stream of the node has ended."""
        record = self._nodes[node.id]
        record.streams -= 1
        self._meters.connected.dec()
        record.seen = self._clock()
        gone = sorted((r for r in self._nodes.values() if not r.streams), key=lambda r: r.seen)
        for forgotten in gone[: max(0, len(gone) - MOST_DISCONNECTED)]:
            del self._nodes[forgotten.node.id]

    def sent(self, node: Node, type_url: str, version: str) -> None:
        """A response is on its way."""
        self._type(node, type_url).sent = Entry(version, self._clock())
        self._meters.pushes.labels(short_name(type_url)).inc()

    def acked(self, node: Node, type_url: str, version: str) -> None:
        """The node has taken it, or says on a new stream that it has it."""
        record, now = self._type(node, type_url), self._clock()
        if self._time_push(record, type_url, version, now):
            self._time_convergence(self._nodes[node.id].seen, record, type_url, version, now)
        record.acked = Entry(version, now)

    def rejected(self, node: Node, rejected: Rejected) -> None:
        """The node has refused it, and keeps what it had."""
        record = self._type(node, rejected.type_url)
        now = self._clock()
        self._time_push(record, rejected.type_url, rejected.version, now)
        record.nacked = Nack(rejected.version, now, rejected.message, rejected.names)
        self._meters.nacks.labels(short_name(rejected.type_url), self._label(node.id)).inc()

    def as_dict(self) -> dict[str, Any]:
        """All that is known, as plain values fit for JSON, sorted by node."""
        return {"nodes": [record.as_dict() for _, record in sorted(self._nodes.items())]}

    def _time_convergence(
        self, connected: datetime, record: TypeRecord, type_url: str, version: str, now: datetime
    ) -> None:
        """Time the first acceptance of what was published last by a node that was there when it was."""
        if self._published is None or (record.acked and record.acked.version == version):
            return
        since, snapshots = self._published
        if connected <= since and any(each.of_type(type_url).version == version for each in snapshots):
            self._meters.convergence_seconds.labels(short_name(type_url)).observe((now - since).total_seconds())

    def _time_push(self, record: TypeRecord, type_url: str, version: str, now: datetime) -> bool:
        """Time the push that is answered; False if there was none, as when a client says what it has already."""
        if record.sent is None or record.sent.version != version:
            return False
        self._meters.push_seconds.labels(short_name(type_url)).observe((now - record.sent.at).total_seconds())
        return True

    def _label(self, node_id: str) -> str:
        """What metrics call a node: by its id, which it chose itself, so long as these are few and short."""
        if len(self._labelled) < MOST_LABELLED and len(node_id) <= LONGEST_LABEL:
            self._labelled.add(node_id)
        return node_id if node_id in self._labelled else OTHERS

    def _type(self, node: Node, type_url: str) -> TypeRecord:
        return self._nodes[node.id].types.setdefault(short_name(type_url), TypeRecord())


def short_name(type_url: str) -> str:
    """What people call a type; everything that is not served is `other`, so that labels stay few."""
    return _SHORT_NAMES.get(type_url, "other")


_SHORT_NAMES: dict[str, str] = {
    TypeUrl.RUNTIME: "rtds",
    TypeUrl.SECRET: "sds",
    TypeUrl.CLUSTER: "cds",
    TypeUrl.ENDPOINT: "eds",
    TypeUrl.EXTENSION_CONFIG: "ecds",
    TypeUrl.LISTENER: "lds",
    TypeUrl.ROUTE: "rds",
    TypeUrl.VIRTUAL_HOST: "vhds",
}
