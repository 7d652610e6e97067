"""The ledger, with a clock of its own."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from control_plane.ledger import LONGEST_LABEL, MOST_DISCONNECTED, MOST_LABELLED, Ledger
from control_plane.snapshot import Resource, Snapshot, TypeUrl
from control_plane.xds import Node, Rejected

EDGE = Node("edge-1", "edge", "1.40.0")


class Clock:
    """A minute passes at each look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def ledger(registry: CollectorRegistry) -> Ledger:
    return Ledger(Clock(), registry)


def test_sent_acked_and_nacked_are_kept_beside_each_other(ledger: Ledger) -> None:
    ledger.connected(EDGE)
    ledger.sent(EDGE, TypeUrl.ROUTE, "v1")
    ledger.acked(EDGE, TypeUrl.ROUTE, "v1")
    ledger.sent(EDGE, TypeUrl.ROUTE, "v2")
    ledger.rejected(EDGE, Rejected(TypeUrl.ROUTE, "v2", "no such cluster", ("main",)))
    (node,) = ledger.as_dict()["nodes"]
    record = node["types"]["rds"]
    assert record["sent"]["version"] == "v2"
    assert record["acked"]["version"] == "v1"
    assert record["nacked"]["version"] == "v2"
    assert record["nacked"]["message"] == "no such cluster"
    assert record["nacked"]["resources"] == ["main"]
    assert record["acked"]["at"] < record["sent"]["at"] < record["nacked"]["at"]


def test_it_is_plain_and_sorted_by_node(ledger: Ledger) -> None:
    ledger.connected(Node("b"))
    ledger.connected(Node("a"))
    ledger.sent(Node("a"), TypeUrl.CLUSTER, "v1")
    nodes = json.loads(json.dumps(ledger.as_dict()))["nodes"]
    assert [node["id"] for node in nodes] == ["a", "b"]
    assert nodes[0]["types"]["cds"]["acked"] is None


def test_a_node_stays_connected_while_one_of_its_streams_is_open(ledger: Ledger) -> None:
    """While an Envoy reconnects, the new stream may open before the old one is known to be gone."""
    ledger.connected(EDGE)
    ledger.connected(EDGE)
    ledger.disconnected(EDGE)
    assert ledger.as_dict()["nodes"][0]["connected"]
    ledger.disconnected(EDGE)
    assert not ledger.as_dict()["nodes"][0]["connected"]


def test_nodes_that_went_first_are_forgotten_first_and_connected_ones_never(ledger: Ledger) -> None:
    ledger.connected(EDGE)
    for number in range(MOST_DISCONNECTED + 2):
        passing = Node(f"passing-{number:03}")
        ledger.connected(passing)
        ledger.disconnected(passing)
    known = [node["id"] for node in ledger.as_dict()["nodes"]]
    assert len(known) == MOST_DISCONNECTED + 1
    assert known[:2] == ["edge-1", "passing-002"]


def test_pushes_and_nacks_are_counted(ledger: Ledger, registry: CollectorRegistry) -> None:
    ledger.connected(EDGE)
    ledger.sent(EDGE, TypeUrl.SECRET, "v1")
    ledger.rejected(EDGE, Rejected(TypeUrl.SECRET, "v1", "bad key", ("cert",)))
    assert registry.get_sample_value("xds_pushes_total", {"type": "sds"}) == 1
    assert registry.get_sample_value("xds_nacks_total", {"type": "sds", "node": "edge-1"}) == 1


def test_types_a_client_makes_up_share_one_label(ledger: Ledger, registry: CollectorRegistry) -> None:
    ledger.connected(EDGE)
    for name in ("made.up", "another"):
        ledger.sent(EDGE, f"type.googleapis.com/{name}", "v1")
    assert registry.get_sample_value("xds_pushes_total", {"type": "other"}) == 2


def test_nodes_that_clients_make_up_share_one_label(ledger: Ledger, registry: CollectorRegistry) -> None:
    made_up = [Node(f"node-{number}") for number in range(MOST_LABELLED + 44)]
    for node in (Node("x" * (LONGEST_LABEL + 1)), *made_up, made_up[0]):
        ledger.connected(node)
        ledger.rejected(node, Rejected(TypeUrl.SECRET, "v1", "no", ()))
    (family,) = [metric for metric in registry.collect() if metric.name == "xds_nacks"]
    labels = {each.labels["node"] for each in family.samples}
    assert len(labels) == MOST_LABELLED + 1
    assert sample(registry, "xds_nacks_total", type="sds", node="node-0") == 2
    assert sample(registry, "xds_nacks_total", type="sds", node="other") == 1 + 44


def sample(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


def test_a_push_is_timed_from_sending_to_the_answer(ledger: Ledger, registry: CollectorRegistry) -> None:
    ledger.connected(EDGE)
    ledger.acked(EDGE, TypeUrl.LISTENER, "known")
    assert sample(registry, "xds_push_duration_seconds_count", type="lds") is None, "nothing was pushed"
    ledger.sent(EDGE, TypeUrl.ROUTE, "v1")
    ledger.acked(EDGE, TypeUrl.ROUTE, "v1")
    assert sample(registry, "xds_push_duration_seconds_sum", type="rds") == 60


def test_convergence_is_timed_from_notice_to_the_ack_of_those_who_were_there(
    ledger: Ledger, registry: CollectorRegistry
) -> None:
    ledger.connected(EDGE)
    snapshot = Snapshot.build([Resource("main", TypeUrl.ROUTE, b"body")])
    version = snapshot.of_type(TypeUrl.ROUTE).version
    ledger.noticed()
    ledger.published(snapshot)
    ledger.sent(EDGE, TypeUrl.ROUTE, version)
    ledger.acked(EDGE, TypeUrl.ROUTE, version)
    assert sample(registry, "xds_convergence_seconds_sum", type="rds") == 120
    late = Node("late")
    ledger.connected(late)
    ledger.sent(late, TypeUrl.ROUTE, version)
    ledger.acked(late, TypeUrl.ROUTE, version)
    assert sample(registry, "xds_convergence_seconds_count", type="rds") == 1


def test_open_streams_are_counted(ledger: Ledger, registry: CollectorRegistry) -> None:
    ledger.connected(EDGE)
    assert sample(registry, "xds_connected_streams") == 1
    ledger.disconnected(EDGE)
    assert sample(registry, "xds_connected_streams") == 0
