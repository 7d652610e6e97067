"""Consistency and versions of a snapshot."""

import pytest

from control_plane.snapshot import (
    PUSH_ORDER,
    Reference,
    Resource,
    ResourceSet,
    Snapshot,
    SnapshotInconsistent,
    TypeUrl,
)
from tests.control_plane.xds.world import CDS, EDS, LDS, RDS, cluster, endpoints, listener, route, secret, snapshot


def test_an_inconsistent_snapshot_is_refused_whole_and_every_problem_is_listed() -> None:
    with pytest.raises(SnapshotInconsistent) as refused:
        snapshot(
            listener("edge", routes=["main"]),
            route("other", to=["app", "app2"]),
            cluster("app", eds=True, secrets=["ca"]),
            cluster("app", "again"),
        )
    assert refused.value.problems == (
        "cluster `app` is defined twice",
        "cluster `app` names the endpoints `app`, which does not exist",
        "cluster `app` names the secret `ca`, which does not exist",
        "listener `edge` names the route configuration `main`, which does not exist",
        "route configuration `other` names the cluster `app2`, which does not exist",
    )
    assert "every Envoy keeps the last one" in str(refused.value)


def test_a_listener_naming_a_missing_secret_is_refused() -> None:
    edge = Resource("edge", LDS, b"", frozenset({Reference(TypeUrl.SECRET, "cert")}))
    with pytest.raises(SnapshotInconsistent, match="listener `edge` names the secret `cert`"):
        snapshot(edge)


def test_a_consistent_snapshot_serves_each_type_sorted_by_name() -> None:
    built = snapshot(cluster("b"), endpoints("c"), cluster("c", eds=True), cluster("a"))
    assert list(built.of_type(CDS).by_name) == ["a", "b", "c"]
    assert list(built.of_type(EDS).by_name) == ["c"]
    assert not built.of_type(LDS).by_name
    assert not built.of_type("type.googleapis.com/unheard.of").by_name
    assert Reference(CDS, "a") in built
    assert Reference(RDS, "a") not in built


def test_versions_are_hashes_of_content_and_insensitive_to_the_order_of_input() -> None:
    one = snapshot(cluster("a", "1"), cluster("b", "2"), route("r", to=["a"]))
    other = snapshot(route("r", to=["a"]), cluster("b", "2"), cluster("a", "1"))
    assert one.version == other.version
    assert one.of_type(CDS).version == other.of_type(CDS).version
    changed = snapshot(cluster("a", "1"), cluster("b", "3"), route("r", to=["a"]))
    assert changed.version != one.version
    assert changed.of_type(CDS).version != one.of_type(CDS).version
    assert changed.of_type(RDS).version == one.of_type(RDS).version


def test_two_replicas_agree_on_versions() -> None:
    """Pinned: they must not depend on the process, the machine or the release."""
    built = snapshot(cluster("a", "1"))
    assert built.of_type(CDS).by_name["a"].version == "c22fea5d7428e5cf"
    assert built.of_type(CDS).version == "1807a38405e60caa"


def test_names_and_contents_cannot_be_shifted_into_each_other() -> None:
    assert ResourceSet.of([cluster("a"), cluster("b")]).version != ResourceSet.of([cluster("ab")]).version


def test_a_snapshot_cannot_be_changed() -> None:
    built = snapshot(cluster("a"))
    with pytest.raises(TypeError):
        built.of_type(CDS).by_name["b"] = cluster("b")  # type: ignore[index]
    with pytest.raises(AttributeError):
        built.version = "x"  # type: ignore[misc]


def test_what_is_named_is_pushed_before_what_names_it() -> None:
    order = [PUSH_ORDER.index(t) for t in (TypeUrl.SECRET, CDS, EDS, LDS, RDS)]
    assert order == sorted(order)


def test_the_content_of_a_resource_is_never_printed() -> None:
    assert "s3cr3t" not in repr(snapshot(secret("key", "s3cr3t")))


def test_an_empty_snapshot_is_consistent() -> None:
    assert list(Snapshot.build(())) == []
