"""Virtual hosts: all of them for who names none, one by one afterwards, and together or not at all."""

from control_plane.snapshot import Snapshot
from control_plane.xds import DeltaRequest, DeltaResponse, Refusal, Request, Stream, Variant
from tests.control_plane.xds.world import CDS, RDS, VHDS, cluster, host, names, only, responses, route, snapshot, types


def open_stream(first: Snapshot) -> tuple[Stream, DeltaResponse]:
    """A client that has asked for virtual hosts, and what it was answered."""
    stream = Stream(Variant.DELTA, first)
    answer = only(stream.receive(DeltaRequest(VHDS)))
    assert isinstance(answer, DeltaResponse)
    return stream, answer


def answered(stream: Stream, response: DeltaResponse, *, refused: bool = False) -> list[DeltaResponse]:
    refusal = Refusal(3, "no") if refused else None
    effects = stream.receive(DeltaRequest(response.type_url, nonce=response.nonce, refusal=refusal))
    return [each for each in responses(effects) if isinstance(each, DeltaResponse)]


def test_a_client_that_names_none_gets_all_of_them() -> None:
    _, answer = open_stream(snapshot(host("main/b"), host("main/a")))
    assert names(answer) == ["main/a", "main/b"]


def test_a_change_sends_the_host_that_changed_alone() -> None:
    stream, answer = open_stream(snapshot(host("main/a", "1"), host("main/b", "1"), host("main/c", "1")))
    answered(stream, answer)
    change = only(stream.publish(snapshot(host("main/a", "1"), host("main/b", "2"))))
    assert isinstance(change, DeltaResponse)
    assert (names(change), change.removed) == (["main/b"], ("main/c",))


def test_they_come_after_the_route_configuration_and_after_the_clusters_that_they_name() -> None:
    stream = Stream(Variant.DELTA, snapshot(route("main", "1")))
    for request in (DeltaRequest(CDS), DeltaRequest(RDS, ("main",)), DeltaRequest(VHDS)):
        for response in responses(stream.receive(request)):
            assert isinstance(response, DeltaResponse)
            answered(stream, response)
    effects = stream.publish(snapshot(cluster("x"), route("main", "2"), host("main/a", to=["x"])))
    assert types(effects) == [CDS, RDS], "the cluster is on its way, the host waits for its answer"
    clusters = responses(effects)[0]
    assert isinstance(clusters, DeltaResponse)
    assert [response.type_url for response in answered(stream, clusters)] == [VHDS]


def test_a_cluster_stays_until_the_host_that_no_longer_names_it_was_taken() -> None:
    stream = Stream(Variant.DELTA, snapshot(cluster("x"), host("main/a", "1", to=["x"])))
    for type_url in (CDS, VHDS):
        first = only(stream.receive(DeltaRequest(type_url)))
        assert isinstance(first, DeltaResponse)
        answered(stream, first)
    effects = stream.publish(snapshot(host("main/a", "2")))
    assert types(effects) == [VHDS]
    change = only(effects)
    assert isinstance(change, DeltaResponse)
    (removal,) = answered(stream, change)
    assert (removal.type_url, removal.removed) == (CDS, ("x",))


def test_what_was_refused_for_the_fault_of_another_goes_again_with_its_correction() -> None:
    stream, first = open_stream(snapshot(host("main/a", "1"), host("main/b", "1"), host("main/c", "1")))
    answered(stream, first)
    bad = only(stream.publish(snapshot(host("main/a", "bad"), host("main/b", "2"))))
    assert isinstance(bad, DeltaResponse)
    assert answered(stream, bad, refused=True) == [], "a refused version is not sent again"
    corrected = only(stream.publish(snapshot(host("main/a", "good"), host("main/b", "2"))))
    assert isinstance(corrected, DeltaResponse)
    assert (names(corrected), corrected.removed) == (["main/a", "main/b"], ("main/c",))
    answered(stream, corrected)
    last = only(stream.publish(snapshot(host("main/a", "3"), host("main/b", "2"))))
    assert names(last) == ["main/a"]


def test_a_client_that_comes_back_gets_the_differences() -> None:
    held = {each.name: each.version for each in (host("main/a", "1"), host("main/b", "1"), host("main/gone"))}
    stream = Stream(Variant.DELTA, snapshot(route("main"), host("main/a", "1"), host("main/b", "2")))
    answer = only(stream.receive(DeltaRequest(VHDS, initial_versions=held)))
    assert names(answer) == ["main/b"]


def test_state_of_the_world_has_no_wildcard_for_them() -> None:
    stream = Stream(Variant.SOTW, snapshot(host("main/a")))
    assert stream.receive(Request(VHDS)) == []
