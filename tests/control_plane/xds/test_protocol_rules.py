"""Rules that hold for both variants, and the SotW ones, as transcripts."""

import pytest

from control_plane.xds import (
    Acked,
    Close,
    DeltaRequest,
    Refusal,
    Rejected,
    Request,
    Response,
    Send,
    Stream,
    Variant,
)
from tests.control_plane.xds.world import (
    CDS,
    EDS,
    LDS,
    RDS,
    cluster,
    endpoints,
    listener,
    names,
    only,
    responses,
    route,
    snapshot,
    types,
)

NACK = Refusal(3, "no such filter")


def sotw(*resources: object) -> Stream:
    return Stream(Variant.SOTW, snapshot(*resources))  # type: ignore[arg-type]


def test_rule_1_a_request_without_a_type_closes_the_stream() -> None:
    for stream, request in (
        (Stream(Variant.SOTW, snapshot()), Request("")),
        (Stream(Variant.DELTA, snapshot()), DeltaRequest("")),
    ):
        (close,) = stream.receive(request)
        assert isinstance(close, Close)
        assert close.code == "INVALID_ARGUMENT"
        assert "`type_url`" in close.message


def test_rule_1_a_first_request_with_a_nonce_is_illegal_and_changes_nothing() -> None:
    stream = sotw(cluster("a"))
    (close,) = stream.receive(Request(CDS, nonce="7"))
    assert isinstance(close, Close)
    assert "`7`" in close.message
    assert stream.publish(snapshot(cluster("b"))) == []
    assert names(only(stream.receive(Request(CDS)))) == ["b"]


def test_rule_2_types_are_independent_and_nonces_unique_in_the_stream() -> None:
    stream = sotw(cluster("a"), listener("l"), route("r"))
    sent = [
        only(stream.receive(Request(CDS))),
        only(stream.receive(Request(LDS))),
        only(stream.receive(Request(RDS, ("r",)))),
    ]
    assert len({response.nonce for response in sent}) == 3
    assert stream.receive(Request(LDS, nonce=sent[1].nonce)) == [Acked(LDS, sent[1].version)]
    assert stream.receive(Request(CDS, nonce=sent[0].nonce, refusal=NACK)) == [
        Rejected(CDS, sent[0].version, "no such filter", ("a",))
    ]


def test_rule_3_sotw_a_request_with_a_stale_nonce_is_ignored() -> None:
    stream = sotw(endpoints("a"), endpoints("b"))
    first = only(stream.receive(Request(EDS, ("a",))))
    second = only(stream.receive(Request(EDS, ("a", "b"), nonce=first.nonce)))
    assert stream.receive(Request(EDS, ("a",), nonce=first.nonce)) == []
    assert stream.receive(Request(EDS, (), nonce="")) == []
    assert stream.receive(Request(EDS, ("a", "b"), nonce=second.nonce)) == [Acked(EDS, second.version)]


def test_rule_3_sotw_names_sent_before_any_response_count() -> None:
    stream = sotw(endpoints("b"))
    assert stream.receive(Request(EDS, ("a",))) == []
    assert names(only(stream.receive(Request(EDS, ("a", "b"))))) == ["b"]


def test_rule_3_delta_a_request_with_a_stale_nonce_changes_the_subscription_all_the_same() -> None:
    stream = Stream(Variant.DELTA, snapshot(endpoints("a"), endpoints("b")))
    first = only(stream.receive(DeltaRequest(EDS, ("a",))))
    assert stream.receive(DeltaRequest(EDS, ("b",), nonce="stale")) == []
    effects = stream.receive(DeltaRequest(EDS, nonce=first.nonce))
    assert effects[0] == Acked(EDS, first.version)
    assert names(only(effects)) == ["b"]


def test_rule_4_a_version_in_a_request_is_no_answer() -> None:
    """The answer is told by `error_detail` alone: an ACK may carry any version."""
    stream = sotw(cluster("a"))
    sent = only(stream.receive(Request(CDS)))
    assert stream.receive(Request(CDS, version="other", nonce=sent.nonce)) == [Acked(CDS, sent.version)]


def test_rule_4_a_nack_carrying_the_new_version_is_still_a_nack() -> None:
    stream = sotw(cluster("a"))
    sent = only(stream.receive(Request(CDS)))
    (effect,) = stream.receive(Request(CDS, version=sent.version, nonce=sent.nonce, refusal=NACK))
    assert isinstance(effect, Rejected)


@pytest.mark.parametrize("variant", Variant)
def test_rule_4_after_a_nack_the_same_version_is_not_resent_and_the_next_changed_one_is(variant: Variant) -> None:
    stream = Stream(variant, snapshot(cluster("a", "bad")))
    sent = only(stream.receive(Request(CDS) if variant is Variant.SOTW else DeltaRequest(CDS)))
    refusal = (
        Request(CDS, nonce=sent.nonce, refusal=NACK)
        if variant is Variant.SOTW
        else DeltaRequest(CDS, nonce=sent.nonce, refusal=NACK)
    )
    assert responses(stream.receive(refusal)) == []
    assert stream.publish(snapshot(cluster("a", "bad"))) == []
    assert names(only(stream.publish(snapshot(cluster("a", "good"))))) == ["a"]


def test_rule_4_a_request_after_a_nack_with_its_nonce_does_not_turn_it_into_an_ack() -> None:
    stream = sotw(route("r", "bad"), route("s"))
    sent = only(stream.receive(Request(RDS, ("r",))))
    stream.receive(Request(RDS, ("r",), nonce=sent.nonce, refusal=NACK))
    effects = stream.receive(Request(RDS, ("r", "s"), nonce=sent.nonce))
    assert [type(effect) for effect in effects] == [Send]
    assert names(only(effects)) == ["s"]


def test_rule_5_nothing_is_sent_without_a_change() -> None:
    stream = sotw(cluster("a"), route("r"))
    sent = only(stream.receive(Request(CDS)))
    stream.receive(Request(CDS, nonce=sent.nonce))
    assert stream.publish(snapshot(cluster("a"), route("r", "changed"))) == []


def test_rule_5_a_change_of_names_is_answered_with_the_new_names_resources() -> None:
    stream = sotw(route("r"), route("s"))
    first = only(stream.receive(Request(RDS, ("r",))))
    stream.receive(Request(RDS, ("r",), nonce=first.nonce))
    second = only(stream.receive(Request(RDS, ("r", "s"), nonce=first.nonce)))
    assert names(second) == ["s"]
    effects = stream.receive(Request(RDS, ("s",), nonce=second.nonce))
    assert effects == [Acked(RDS, second.version)]
    assert names(only(stream.receive(Request(RDS, ("s", "r"), nonce=second.nonce)))) == ["r"]


def test_rule_8_a_resource_that_does_not_exist_yet_is_sent_when_it_appears() -> None:
    stream = sotw()
    assert stream.receive(Request(RDS, ("r",))) == []
    assert names(only(stream.publish(snapshot(route("r"))))) == ["r"]


def test_rule_8_no_answer_for_a_subscription_that_is_gone() -> None:
    stream = sotw(route("r"), route("s"))
    first = only(stream.receive(Request(RDS, ("r",))))
    stream.publish(snapshot(route("r", "changed"), route("s", "changed")))
    effects = stream.receive(Request(RDS, ("s",), nonce=first.nonce))
    assert names(only(effects)) == ["s"]


def test_rule_10_sotw_reconnect_named_types_are_always_resent() -> None:
    version = snapshot(route("r")).of_type(RDS).version
    assert names(only(sotw(route("r")).receive(Request(RDS, ("r",), version=version)))) == ["r"]


def test_rule_10_sotw_reconnect_a_wildcard_is_skipped_at_the_same_version_only() -> None:
    version = snapshot(cluster("a")).of_type(CDS).version
    stream = sotw(cluster("a"))
    assert stream.receive(Request(CDS, version=version)) == [Acked(CDS, version)]
    assert names(only(stream.publish(snapshot(cluster("a"), cluster("b"))))) == ["a", "b"]
    assert names(only(sotw(cluster("a", "2")).receive(Request(CDS, version=version)))) == ["a"]
    assert names(only(sotw(cluster("a")).receive(Request(CDS, ("a",), version=version)))) == ["a"]


@pytest.mark.parametrize("variant", Variant)
def test_rule_13_one_push_in_flight_and_a_slow_client_gets_the_newest_state(variant: Variant) -> None:
    make = Request if variant is Variant.SOTW else DeltaRequest
    stream = Stream(variant, snapshot(cluster("a", "1")))
    first = only(stream.receive(make(CDS)))
    assert stream.publish(snapshot(cluster("a", "2"))) == []
    assert stream.publish(snapshot(cluster("a", "3"))) == []
    effects = stream.receive(make(CDS, nonce=first.nonce))
    assert only(effects).resources == (cluster("a", "3"),)


@pytest.mark.parametrize("variant", Variant)
def test_rule_13_a_change_taken_back_before_it_was_sent_is_never_sent(variant: Variant) -> None:
    make = Request if variant is Variant.SOTW else DeltaRequest
    stream = Stream(variant, snapshot(cluster("a", "1")))
    first = only(stream.receive(make(CDS)))
    stream.publish(snapshot(cluster("a", "2")))
    stream.publish(snapshot(cluster("a", "1")))
    assert stream.receive(make(CDS, nonce=first.nonce)) == [Acked(CDS, first.version)]


def test_rule_14_two_replicas_send_the_same() -> None:
    one = sotw(cluster("a"), cluster("b")).receive(Request(CDS))
    assert one == sotw(cluster("b"), cluster("a")).receive(Request(CDS))
    assert only(one) == Response(
        CDS, snapshot(cluster("a"), cluster("b")).of_type(CDS).version, "1", (cluster("a"), cluster("b"))
    )


def test_a_type_that_is_not_served_is_subscribed_to_in_vain() -> None:
    unheard = "type.googleapis.com/unheard.of"
    assert sotw(cluster("a")).receive(Request(unheard, ("a",))) == []
    response = only(Stream(Variant.DELTA, snapshot(cluster("a"))).receive(DeltaRequest(unheard, ("a",))))
    assert (response.resources, response.removed) == ((), ("a",))  # type: ignore[union-attr]


def test_an_error_without_a_push_in_flight_refuses_nothing() -> None:
    stream = sotw(cluster("a"))
    sent = only(stream.receive(Request(CDS)))
    stream.receive(Request(CDS, nonce=sent.nonce))
    assert stream.receive(Request(CDS, nonce=sent.nonce, refusal=NACK)) == []


def test_pushes_of_one_snapshot_leave_in_order() -> None:
    stream = sotw()
    wildcards = [only(stream.receive(Request(t))) for t in (LDS, CDS)]
    for response in wildcards:
        stream.receive(Request(response.type_url, nonce=response.nonce))
    stream.receive(Request(RDS, ("r",)))
    stream.receive(Request(EDS, ("a",)))
    later = snapshot(cluster("a", eds=True), endpoints("a"), listener("l", routes=["r"]), route("r"))
    assert types(stream.publish(later)) == [CDS, EDS, LDS, RDS]
