"""Rules 6 and 7: the wildcard, and the full state."""

import pytest

from control_plane.xds import Acked, DeltaRequest, DeltaResponse, Request, Stream, Variant
from control_plane.xds.interest import Interest
from tests.control_plane.xds.world import CDS, EDS, LDS, cluster, endpoints, listener, names, only, snapshot

EVERYTHING = Interest(wildcard=True)


def listed(interest: Interest, *wanted: str) -> Interest:
    return interest.replaced(wanted, wildcard_type=True)


def test_rule_6_the_life_of_a_sotw_subscription() -> None:
    interest = listed(Interest())
    assert interest == EVERYTHING
    interest = listed(interest, "*", "A")
    assert (interest.wildcard, interest.names) == (True, frozenset({"A"}))
    interest = listed(interest, "A")
    assert (interest.wildcard, interest.names) == (False, frozenset({"A"}))
    interest = listed(interest)
    assert (interest.wildcard, interest.names) == (False, frozenset())


def test_rule_6_once_the_wildcard_was_named_an_empty_list_means_nothing() -> None:
    assert not listed(listed(Interest(), "*")).wildcard


def test_rule_6_a_type_without_wildcard_gets_nothing_for_an_empty_list() -> None:
    stream = Stream(Variant.SOTW, snapshot(endpoints("a")))
    assert stream.receive(Request(EDS)) == []
    assert not Interest().replaced(["*"], wildcard_type=False).wildcard


def test_rule_6_delta_subscribing_to_a_name_keeps_the_tacit_wildcard() -> None:
    tacit = Interest().altered((), (), wildcard_type=True)
    assert tacit == EVERYTHING
    both = tacit.altered(("A",), (), wildcard_type=True)
    assert (both.wildcard, both.names) == (True, frozenset({"A"}))
    assert not both.altered((), ("*",), wildcard_type=True).wildcard
    assert not tacit.altered((), ("*",), wildcard_type=True).wildcard


def test_rule_6_delta_a_name_both_subscribed_and_unsubscribed_ends_up_subscribed() -> None:
    assert Interest().altered(("A",), ("A",), wildcard_type=True).names == {"A"}


@pytest.mark.parametrize("variant", Variant)
def test_a_wildcard_is_answered_even_if_there_is_nothing(variant: Variant) -> None:
    """Envoy's initialisation waits for it."""
    make = Request if variant is Variant.SOTW else DeltaRequest
    stream = Stream(variant, snapshot())
    response = only(stream.receive(make(CDS)))
    assert response.resources == ()
    assert stream.receive(make(CDS, nonce=response.nonce)) == [Acked(CDS, response.version)]


def test_rule_7_sotw_lds_and_cds_are_the_full_state() -> None:
    stream = Stream(Variant.SOTW, snapshot(listener("a"), listener("b")))
    first = only(stream.receive(Request(LDS)))
    stream.receive(Request(LDS, nonce=first.nonce))
    second = only(stream.publish(snapshot(listener("a"), listener("b", "2"))))
    assert names(second) == ["a", "b"]
    stream.receive(Request(LDS, nonce=second.nonce))
    assert names(only(stream.publish(snapshot(listener("b", "2"))))) == ["b"]


def test_rule_7_sotw_full_state_of_named_listeners_is_limited_to_them() -> None:
    """As gRPC's client subscribes."""
    stream = Stream(Variant.SOTW, snapshot(listener("a"), listener("b"), listener("c")))
    first = only(stream.receive(Request(LDS, ("a",))))
    assert names(first) == ["a"]
    second = only(stream.receive(Request(LDS, ("b", "a"), nonce=first.nonce)))
    assert names(second) == ["a", "b"]
    assert stream.receive(Request(LDS, ("a",), nonce=second.nonce)) == [Acked(LDS, second.version)]
    assert stream.publish(snapshot(listener("a"), listener("b", "2"), listener("c"))) == []
    assert names(only(stream.publish(snapshot(listener("b"))))) == []


def test_rule_7_eds_may_be_partial() -> None:
    stream = Stream(Variant.SOTW, snapshot(endpoints("a"), endpoints("b")))
    first = only(stream.receive(Request(EDS, ("a", "b"))))
    stream.receive(Request(EDS, ("a", "b"), nonce=first.nonce))
    assert names(only(stream.publish(snapshot(endpoints("a"), endpoints("b", "2"))))) == ["b"]


def test_rule_7_no_name_twice_in_a_response() -> None:
    stream = Stream(Variant.SOTW, snapshot(endpoints("a")))
    assert names(only(stream.receive(Request(EDS, ("a", "a"))))) == ["a"]
    delta = Stream(Variant.DELTA, snapshot(cluster("a")))
    assert names(only(delta.receive(DeltaRequest(CDS, ("*", "a", "a"))))) == ["a"]


def test_sotw_leaving_and_regaining_the_wildcard() -> None:
    stream = Stream(Variant.SOTW, snapshot(cluster("a"), cluster("b")))
    first = only(stream.receive(Request(CDS, ("*",))))
    second = only(stream.receive(Request(CDS, ("a",), nonce=first.nonce)))
    assert names(second) == ["a"]
    assert stream.receive(Request(CDS, ("a",), nonce=second.nonce)) == [Acked(CDS, second.version)]
    assert stream.publish(snapshot(cluster("a"), cluster("b", "2"))) == []
    assert names(only(stream.receive(Request(CDS, ("*",), nonce=second.nonce)))) == ["a", "b"]


def test_sotw_a_cluster_named_beside_the_wildcard_is_answered() -> None:
    stream = Stream(Variant.SOTW, snapshot(cluster("a"), cluster("b")))
    first = only(stream.receive(Request(CDS)))
    second = only(stream.receive(Request(CDS, ("*", "a"), nonce=first.nonce)))
    assert names(second) == ["a", "b"]
    assert not isinstance(second, DeltaResponse)
