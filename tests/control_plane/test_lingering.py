"""Upstreams outlive the routes that led to them, for a while."""

from datetime import UTC, datetime, timedelta

from control_plane.lingering import LINGER, Lingering
from control_plane.snapshot import Snapshot, TypeUrl
from control_plane.translate.ext_authz import CHECK_TIMEOUT
from tests.control_plane.xds.world import CDS, cluster, snapshot

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def names(served: Snapshot) -> list[str]:
    return list(served.of_type(CDS).by_name)


def test_a_cluster_that_left_is_served_for_a_while_and_no_longer() -> None:
    lingering = Lingering()
    assert names(lingering.follow(snapshot(cluster("a", "1")), NOW)) == ["a"]
    after = snapshot(cluster("b", "1"))
    assert names(lingering.follow(after, NOW + SECOND)) == ["a", "b"]
    assert names(lingering.settle(NOW + LINGER)) == ["a", "b"]
    assert lingering.settle(NOW + SECOND + LINGER) is after


def test_one_that_comes_back_is_the_newer_one() -> None:
    lingering = Lingering()
    lingering.follow(snapshot(cluster("a", "1")), NOW)
    lingering.follow(snapshot(cluster("b", "1")), NOW)
    newest = snapshot(cluster("a", "2"))
    served = lingering.follow(newest, NOW)
    assert served.of_type(CDS).by_name["a"] == newest.of_type(CDS).by_name["a"]
    assert names(served) == ["a", "b"]


def test_changes_in_quick_succession_do_not_keep_everything() -> None:
    lingering = Lingering()
    for number in range(100):
        served = lingering.follow(snapshot(cluster(f"c{number}", "1")), NOW + number * SECOND)
    assert len(names(served)) == LINGER // SECOND + 1


def test_it_is_longer_than_check_may_take() -> None:
    assert LINGER > CHECK_TIMEOUT
    assert TypeUrl.CLUSTER == CDS
