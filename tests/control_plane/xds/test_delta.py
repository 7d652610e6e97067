"""Rule 11: what only Delta has."""

from control_plane.snapshot import Resource
from control_plane.xds import Acked, DeltaRequest, DeltaResponse, Effect, Stream, Variant
from tests.control_plane.xds.world import (
    CDS,
    EDS,
    RDS,
    cluster,
    endpoints,
    names,
    only,
    responses,
    route,
    snapshot,
)


def stream_of(*resources: Resource) -> Stream:
    return Stream(Variant.DELTA, snapshot(*resources))


def answer(effects: list[Effect]) -> DeltaResponse:
    response = only(effects)
    assert isinstance(response, DeltaResponse)
    return response


def settle(stream: Stream, effects: list[Effect]) -> None:
    """Accept everything, until nothing more comes."""
    for response in responses(effects):
        settle(stream, stream.receive(DeltaRequest(response.type_url, nonce=response.nonce)))


def settled(*resources: Resource, subscribe: tuple[str, ...] = (), type_url: str = CDS) -> Stream:
    stream = stream_of(*resources)
    settle(stream, stream.receive(DeltaRequest(type_url, subscribe)))
    return stream


def test_rule_11_subscriptions_are_differences() -> None:
    stream = settled(route("r"), route("s"), subscribe=("r",), type_url=RDS)
    second = answer(stream.receive(DeltaRequest(RDS, ("s",))))
    assert names(second) == ["s"]
    stream.receive(DeltaRequest(RDS, nonce=second.nonce))
    assert names(answer(stream.publish(snapshot(route("r", "2"), route("s"))))) == ["r"]


def test_rule_11_only_what_changed_is_sent() -> None:
    stream = settled(cluster("a"), cluster("b"))
    assert names(answer(stream.publish(snapshot(cluster("a"), cluster("b", "2"))))) == ["b"]


def test_rule_11_an_unsubscribed_name_is_no_longer_answered() -> None:
    stream = settled(route("r"), route("s"), subscribe=("r", "s"), type_url=RDS)
    assert stream.receive(DeltaRequest(RDS, unsubscribe=("r",))) == []
    assert names(answer(stream.publish(snapshot(route("r", "2"), route("s", "2"))))) == ["s"]


def test_rule_11_a_subscribed_name_is_answered_even_if_the_client_should_have_it() -> None:
    stream = settled(route("r"), subscribe=("r",), type_url=RDS)
    assert names(answer(stream.receive(DeltaRequest(RDS, ("r",))))) == ["r"]


def test_rule_11_a_missing_name_is_removed_at_once_and_sent_when_it_appears() -> None:
    stream = stream_of()
    gone = answer(stream.receive(DeltaRequest(RDS, ("r",))))
    assert (gone.resources, gone.removed) == ((), ("r",))
    assert stream.receive(DeltaRequest(RDS, nonce=gone.nonce)) == [Acked(RDS, gone.version)]
    assert names(answer(stream.publish(snapshot(route("r"))))) == ["r"]


def test_rule_11_what_disappears_is_removed_once() -> None:
    stream = settled(cluster("a"), cluster("b"))
    gone = answer(stream.publish(snapshot(cluster("b"))))
    assert (gone.resources, gone.removed) == ((), ("a",))
    stream.receive(DeltaRequest(CDS, nonce=gone.nonce))
    assert stream.publish(snapshot(cluster("b"))) == []


def test_rule_11_a_refused_removal_is_not_repeated() -> None:
    stream = settled(cluster("a"))
    gone = answer(stream.publish(snapshot()))
    stream.receive(DeltaRequest(CDS, nonce=gone.nonce))
    assert stream.publish(snapshot()) == []
    assert names(answer(stream.publish(snapshot(cluster("a"))))) == ["a"]


def test_rule_11_a_name_unsubscribed_under_the_wildcard_is_answered() -> None:
    stream = settled(cluster("a"), cluster("b"), subscribe=("*", "a", "missing"))
    back = answer(stream.receive(DeltaRequest(CDS, unsubscribe=("a", "missing"))))
    assert (names(back), back.removed) == (["a"], ("missing",))


def test_rule_11_a_phantom_unsubscription_is_ignored() -> None:
    stream = settled(cluster("a"), cluster("b"), subscribe=("*",))
    assert stream.receive(DeltaRequest(CDS, unsubscribe=("a", "never"))) == []
    named = settled(route("r"), subscribe=("r",), type_url=RDS)
    assert named.receive(DeltaRequest(RDS, unsubscribe=("never",))) == []


def test_rule_11_leaving_the_wildcard_keeps_the_names() -> None:
    stream = settled(cluster("a"), cluster("b"), subscribe=("*", "a"))
    assert stream.receive(DeltaRequest(CDS, unsubscribe=("*",))) == []
    assert names(answer(stream.publish(snapshot(cluster("a", "2"), cluster("b", "2"))))) == ["a"]


def test_rule_11_reconnect_sends_only_differences_and_removals() -> None:
    kept = {
        "same": cluster("same").version,
        "changed": cluster("changed", "1").version,
        "gone": cluster("gone").version,
    }
    stream = stream_of(cluster("same"), cluster("changed", "2"), cluster("new"))
    response = answer(stream.receive(DeltaRequest(CDS, initial_versions=kept)))
    assert names(response) == ["changed", "new"]
    stream.receive(DeltaRequest(CDS, nonce=response.nonce))
    assert answer(stream.release()).removed == ("gone",)


def test_rule_11_reconnect_with_everything_is_answered_with_nothing_and_counts_as_accepted() -> None:
    stream = stream_of(cluster("a"))
    version = snapshot(cluster("a")).of_type(CDS).version
    kept = {"a": cluster("a").version}
    assert stream.receive(DeltaRequest(CDS, initial_versions=kept)) == [Acked(CDS, version)]


def test_rule_11_reconnect_versions_of_names_not_subscribed_mean_nothing() -> None:
    stream = stream_of(route("r"), route("s"))
    kept = {"r": route("r").version, "s": "old", "t": "old"}
    version = snapshot(route("r"), route("s")).of_type(RDS).version
    assert stream.receive(DeltaRequest(RDS, ("r",), initial_versions=kept)) == [Acked(RDS, version)]


def test_rule_11_initial_versions_count_on_the_first_request_of_a_type_only() -> None:
    stream = settled(route("r"), route("s"), subscribe=("r",), type_url=RDS)
    late = DeltaRequest(RDS, ("s",), initial_versions={"s": route("s").version})
    assert names(answer(stream.receive(late))) == ["s"]


def test_rules_9_and_11_endpoints_of_a_cluster_changed_since_the_last_stream_are_resent() -> None:
    """The cluster warms, waiting for endpoints, though the client says that it has them."""
    stream = stream_of(cluster("a", "2", eds=True), endpoints("a"))
    stream.receive(DeltaRequest(CDS, initial_versions={"a": cluster("a", "1").version}))
    resumed = DeltaRequest(EDS, ("a",), initial_versions={"a": endpoints("a").version})
    assert names(answer(stream.receive(resumed))) == ["a"]


def test_unsubscribing_and_subscribing_again_while_a_push_is_in_flight() -> None:
    stream = stream_of(route("r", "1"))
    first = answer(stream.receive(DeltaRequest(RDS, ("r",))))
    assert stream.receive(DeltaRequest(RDS, unsubscribe=("r",))) == []
    assert stream.receive(DeltaRequest(RDS, ("r",))) == []
    again = answer(stream.receive(DeltaRequest(RDS, nonce=first.nonce)))
    assert names(again) == ["r"]
