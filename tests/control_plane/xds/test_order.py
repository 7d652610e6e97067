"""Rules 9 and 12: endpoints follow their cluster, and make before break."""

import pytest

from control_plane.snapshot import Resource, Snapshot
from control_plane.xds import DeltaRequest, DeltaResponse, Effect, Refusal, Request, Response, Stream, Variant
from tests.control_plane.xds.world import (
    CDS,
    EDS,
    LDS,
    RDS,
    SDS,
    cluster,
    endpoints,
    listener,
    names,
    only,
    responses,
    route,
    secret,
    snapshot,
    types,
)

NACK = Refusal(3, "no")
SUBSCRIPTIONS = {CDS: (), EDS: ("a", "b"), LDS: (), RDS: ("r",), SDS: ("s",)}


class Peer:
    """A client that has subscribed to all there is, and answers when the test says so."""

    def __init__(self, variant: Variant, *resources: Resource) -> None:
        self.stream = Stream(variant, snapshot(*resources))
        self.variant = variant
        for type_url, named in SUBSCRIPTIONS.items():
            request = Request(type_url, named) if variant is Variant.SOTW else DeltaRequest(type_url, named)
            self.settle(self.stream.receive(request))

    def publish(self, *resources: Resource) -> list[Effect]:
        return self.stream.publish(snapshot(*resources))

    def answer(self, response: Response | DeltaResponse, refusal: Refusal | None = None) -> list[Effect]:
        type_url = response.type_url
        if self.variant is Variant.DELTA:
            return self.stream.receive(DeltaRequest(type_url, nonce=response.nonce, refusal=refusal))
        named = SUBSCRIPTIONS[type_url]  # type: ignore[index]
        return self.stream.receive(Request(type_url, named, nonce=response.nonce, refusal=refusal))

    def settle(self, effects: list[Effect]) -> None:
        for response in responses(effects):
            self.settle(self.answer(response))


@pytest.fixture(params=list(Variant), ids=lambda variant: variant.value)
def variant(request: pytest.FixtureRequest) -> Variant:
    param = request.param
    assert isinstance(param, Variant)
    return param


def lost(response: Response | DeltaResponse, before: Snapshot) -> set[str]:
    """What the client deletes on this response."""
    if isinstance(response, DeltaResponse):
        return set(response.removed)
    return set(before.of_type(response.type_url).by_name) - set(names(response))


def test_rule_9_endpoints_of_a_changed_cluster_are_pushed_after_it(variant: Variant) -> None:
    peer = Peer(variant, cluster("a", "1", eds=True), cluster("b", eds=True), endpoints("a"), endpoints("b"))
    effects = peer.publish(cluster("a", "2", eds=True), cluster("b", eds=True), endpoints("a"), endpoints("b"))
    assert types(effects) == [CDS, EDS]
    assert names(responses(effects)[1]) == ["a"]


def test_rule_9_endpoints_in_flight_are_pushed_again_once_answered(variant: Variant) -> None:
    peer = Peer(variant, cluster("a", "1", eds=True), endpoints("a", "1"))
    first = only(peer.publish(cluster("a", "1", eds=True), endpoints("a", "2")))
    second = peer.publish(cluster("a", "2", eds=True), endpoints("a", "2"))
    assert types(second) == [CDS]
    again = only(peer.answer(first))
    assert (again.type_url, names(again)) == (EDS, ["a"])


def test_rule_12_a_cluster_is_removed_only_after_the_route_that_stops_naming_it_was_acked(
    variant: Variant,
) -> None:
    before = (cluster("a"), route("r", "1", to=["a"]))
    peer = Peer(variant, *before)
    added = only(peer.publish(cluster("b"), route("r", "2", to=["b"])))
    assert added.type_url == CDS
    assert lost(added, snapshot(*before)) == set()
    routed = only(peer.answer(added))
    assert routed.type_url == RDS
    removed = only(peer.answer(routed))
    assert removed.type_url == CDS
    assert lost(removed, snapshot(*before)) == {"a"}


def test_rule_12_a_refused_route_keeps_its_cluster(variant: Variant) -> None:
    peer = Peer(variant, cluster("a"), route("r", "1", to=["a"]))
    effects = peer.publish(route("r", "2"))
    assert types(effects) == [RDS]
    assert responses(peer.answer(only(effects), NACK)) == []
    fixed = only(peer.publish(route("r", "3")))
    assert types(peer.answer(fixed)) == [CDS]


def test_rule_12_a_cluster_outlives_a_listener_that_names_it(variant: Variant) -> None:
    peer = Peer(variant, cluster("a"), listener("l", to=["a"]))
    gone = only(peer.publish())
    assert gone.type_url == LDS
    assert types(peer.answer(gone)) == [CDS]


def test_rule_12_endpoints_and_secrets_outlive_the_cluster_in_delta() -> None:
    peer = Peer(Variant.DELTA, cluster("a", eds=True, secrets=["s"]), endpoints("a"), secret("s"))
    gone = only(peer.publish())
    assert (gone.type_url, lost(gone, snapshot())) == (CDS, {"a"})
    after = responses(peer.answer(gone))
    assert [(response.type_url, lost(response, snapshot())) for response in after] == [(SDS, {"s"}), (EDS, {"a"})]


def test_rule_12_a_cluster_that_comes_back_while_it_retires_is_not_removed(variant: Variant) -> None:
    peer = Peer(variant, cluster("a"), route("r", "1", to=["a"]))
    routed = only(peer.publish(route("r", "2")))
    assert routed.type_url == RDS
    assert peer.publish(cluster("a"), route("r", "2")) == []
    assert responses(peer.answer(routed)) == []


def test_rule_12_an_unsubscribed_route_no_longer_holds_its_cluster() -> None:
    """In SotW a route configuration that is gone cannot be removed, but its listener lets go of it."""
    peer = Peer(Variant.SOTW, cluster("a"), listener("l", routes=["r"]), route("r", to=["a"]))
    without_listener = only(peer.publish())
    assert without_listener.type_url == LDS
    assert responses(peer.answer(without_listener)) == []
    effects = peer.stream.receive(Request(RDS, (), nonce=nonce_of(peer, RDS)))
    assert types(effects) == [CDS]


def nonce_of(peer: Peer, type_url: str) -> str:
    return peer.stream._subscriptions[type_url].nonce


def test_rule_12_a_route_to_a_new_cluster_waits_for_the_answer_to_it(variant: Variant) -> None:
    peer = Peer(variant, cluster("a"), route("r", "1", to=["a"]))
    effects = peer.publish(cluster("a"), cluster("b"), route("r", "2", to=["a", "b"]))
    assert types(effects) == [CDS]
    assert types(peer.answer(only(effects))) == [RDS]


def test_rule_12_a_refused_cluster_does_not_hold_up_the_routes(variant: Variant) -> None:
    peer = Peer(variant, cluster("a"), route("r", "1", to=["a"]))
    effects = peer.publish(cluster("a"), cluster("b"), route("r", "2", to=["a", "b"]))
    assert types(peer.answer(only(effects), NACK)) == [RDS]


def test_rule_12_a_route_to_a_changed_cluster_need_not_wait(variant: Variant) -> None:
    peer = Peer(variant, cluster("a", "1"), route("r", "1", to=["a"]))
    assert types(peer.publish(cluster("a", "2"), route("r", "2", to=["a"]))) == [CDS, RDS]


def test_rule_12_a_route_never_overtakes_a_cluster_that_could_not_be_sent_yet(variant: Variant) -> None:
    peer = Peer(variant, cluster("a", "1"), route("r", "1", to=["a"]))
    slow = only(peer.publish(cluster("a", "2"), route("r", "1", to=["a"])))
    assert peer.publish(cluster("a", "2"), cluster("b"), route("r", "2", to=["b"])) == []
    added = only(peer.answer(slow))
    assert (added.type_url, "b" in names(added)) == (CDS, True)
    assert types(peer.answer(added)) == [RDS]


def test_rule_12_a_succession_of_new_clusters_does_not_starve_the_routes(variant: Variant) -> None:
    peer = Peer(variant, cluster("a"), route("r", "0", to=["a"]))
    pushed = only(peer.publish(cluster("a"), cluster("c1"), route("r", "1", to=["a", "c1"])))
    assert peer.publish(cluster("a"), cluster("c2"), route("r", "2", to=["a", "c2"])) == []
    assert types(peer.answer(pushed)) == [CDS, RDS]


def test_rule_12_what_a_retiring_resource_names_stays_as_long_as_it_may_be_asked_for(variant: Variant) -> None:
    """The listener waits for routes that the client asks for only after they left the snapshot."""
    stream = Stream(variant, snapshot(cluster("a"), listener("l", routes=["r"]), route("r", to=["a"])))
    make = Request if variant is Variant.SOTW else DeltaRequest
    for type_url in (CDS, LDS):
        sent = only(stream.receive(make(type_url)))
        stream.receive(make(type_url, nonce=sent.nonce))
    assert types(stream.publish(snapshot())) == [LDS]
    late = only(stream.receive(Request(RDS, ("r",)) if variant is Variant.SOTW else DeltaRequest(RDS, ("r",))))
    assert (late.type_url, names(late)) == (RDS, ["r"])


def test_rule_12_delta_a_route_left_and_wanted_again_while_in_flight_holds_its_cluster() -> None:
    """The client reads the response after it came back to the name, and so uses it."""
    stream = Stream(Variant.DELTA, snapshot(cluster("a"), route("r", "1", to=["a"])))
    sent = only(stream.receive(DeltaRequest(CDS)))
    stream.receive(DeltaRequest(CDS, nonce=sent.nonce))
    first = only(stream.receive(DeltaRequest(RDS, ("r",))))
    stream.receive(DeltaRequest(RDS, unsubscribe=("r",)))
    stream.receive(DeltaRequest(RDS, ("r",)))
    assert stream.publish(snapshot(route("r", "2"))) == []
    second = only(stream.receive(DeltaRequest(RDS, nonce=first.nonce)))
    assert second.resources == (route("r", "2"),)
    assert types(stream.receive(DeltaRequest(RDS, nonce=second.nonce))) == [CDS]
