"""Rule 12 from one stream to the next: what a Delta client kept is taken from it last."""

import pytest

from control_plane.snapshot import Resource, TypeUrl
from control_plane.xds import DeltaRequest, DeltaResponse, Refusal, Stream, Variant
from tests.control_plane.xds.world import (
    CDS,
    LDS,
    RDS,
    SDS,
    cluster,
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
OLD = (listener("l", routes=["r"]), route("r", "1", to=["a"]), cluster("a"))
NEW = (listener("l", routes=["r"]), route("r", "2", to=["b"]), cluster("b"))


def versions(*resources: Resource) -> dict[str, str]:
    return {resource.name: resource.version for resource in resources}


def resumed(stream: Stream, type_url: TypeUrl, *kept: Resource) -> list[DeltaResponse]:
    """Open a type as a client does that kept these; what it is sent for that."""
    named = tuple(resource.name for resource in kept) if type_url not in {LDS, CDS} else ()
    request = DeltaRequest(type_url, named, initial_versions=versions(*kept))
    return [each for each in responses(stream.receive(request)) if isinstance(each, DeltaResponse)]


def accept(stream: Stream, response: DeltaResponse) -> list[DeltaResponse]:
    """Accept a response; what is sent thereafter."""
    effects = stream.receive(DeltaRequest(response.type_url, nonce=response.nonce))
    return [each for each in responses(effects) if isinstance(each, DeltaResponse)]


def test_a_cluster_that_is_gone_stays_until_the_old_route_was_replaced() -> None:
    stream = Stream(Variant.DELTA, snapshot(*NEW))
    (added,) = resumed(stream, CDS, cluster("a"))
    assert (names(added), added.removed) == (["b"], ())
    assert resumed(stream, LDS, OLD[0]) == []
    assert stream.release() == []
    assert resumed(stream, RDS, OLD[1]) == []
    (routed,) = accept(stream, added)
    assert (routed.type_url, names(routed)) == (RDS, ["r"])
    (removed,) = accept(stream, routed)
    assert (removed.type_url, removed.removed) == (CDS, ("a",))


def test_a_cluster_that_is_gone_stays_while_requests_may_be_under_way_to_it() -> None:
    stream = Stream(Variant.DELTA, snapshot(*NEW))
    (added,) = resumed(stream, CDS, cluster("a"))
    resumed(stream, LDS, OLD[0])
    resumed(stream, RDS, OLD[1])
    for unused in (TypeUrl.EXTENSION_CONFIG, TypeUrl.VIRTUAL_HOST):
        resumed(stream, unused)
    (routed,) = accept(stream, added)
    assert accept(stream, routed) == []
    assert only(stream.release()).type_url == CDS


def test_a_refused_route_keeps_the_cluster_that_it_may_name() -> None:
    stream = Stream(Variant.DELTA, snapshot(*NEW))
    (added,) = resumed(stream, CDS, cluster("a"))
    resumed(stream, LDS, OLD[0])
    resumed(stream, RDS, OLD[1])
    (routed,) = accept(stream, added)
    assert stream.release() == []
    refused = stream.receive(DeltaRequest(RDS, nonce=routed.nonce, refusal=NACK))
    assert responses(refused) == []
    mended = only(stream.publish(snapshot(listener("l", routes=["r"]), route("r", "3"), cluster("b"))))
    assert mended.type_url == RDS
    assert isinstance(mended, DeltaResponse)
    (removed,) = accept(stream, mended)
    assert removed.removed == ("a",)


def test_a_route_is_not_taken_from_a_listener_that_may_name_it() -> None:
    stream = Stream(Variant.DELTA, snapshot(listener("l", "2")))
    (changed,) = resumed(stream, LDS, listener("l", "1", routes=["r"]))
    assert resumed(stream, RDS, route("r")) == []
    (removed,) = accept(stream, changed)
    assert (removed.type_url, removed.removed) == (RDS, ("r",))


def test_a_listener_that_is_gone_is_removed_at_once() -> None:
    stream = Stream(Variant.DELTA, snapshot())
    (removed,) = resumed(stream, LDS, listener("l"))
    assert removed.removed == ("l",)


def test_what_leaves_while_the_client_holds_something_unknown_stays_too() -> None:
    """The old route may name what the snapshot had when the stream began, and has no longer."""
    stream = Stream(Variant.DELTA, snapshot(cluster("a"), route("r", "2", to=["a"])))
    assert resumed(stream, CDS, cluster("a")) == []
    resumed(stream, LDS)
    (routed,) = resumed(stream, RDS, route("r", "1", to=["a"]))
    stream.release()
    assert stream.publish(snapshot(route("r", "3"))) == []
    (again,) = accept(stream, routed)
    assert (again.type_url, names(again)) == (RDS, ["r"])
    assert types(stream.receive(DeltaRequest(RDS, nonce=again.nonce))) == [CDS]


def test_a_version_that_comes_back_is_known_again() -> None:
    stream = Stream(Variant.DELTA, snapshot(cluster("a", "2", secrets=["s"]), secret("s"), secret("t")))
    resumed(stream, LDS)
    (changed,) = resumed(stream, CDS, cluster("a", "1"))
    resumed(stream, SDS, secret("t"))
    stream.release()
    stream.receive(DeltaRequest(CDS, nonce=changed.nonce, refusal=NACK))
    assert stream.publish(snapshot(cluster("a", "2", secrets=["s"]), secret("s"))) == []
    back = stream.publish(snapshot(cluster("a", "1")))
    assert set(types(back)) == {CDS, SDS}


@pytest.mark.parametrize("type_url", [CDS, SDS])
def test_a_client_that_kept_nothing_is_answered_as_ever(type_url: TypeUrl) -> None:
    stream = Stream(Variant.DELTA, snapshot())
    effects = stream.receive(DeltaRequest(type_url, ("x",)))
    response = only(effects)
    assert isinstance(response, DeltaResponse)
    assert response.removed == ("x",)
