"""A memory makes the translation faster and nothing else."""

import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access_model.forwarding import ClientCertificate, UpstreamTls
from access_model.model import AccessModel, Route
from access_model.secret import Secret
from control_plane.snapshot import Resource, TypeUrl
from control_plane.translate import Memory, translate
from control_plane.translate.memory import Shelf
from tests.control_plane.translate.models import PLACES, a_listener, a_model, a_route, a_target

SHOWN = UpstreamTls(certificate=ClientCertificate("a chain", Secret.of("a key")))


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """One of few, so that the same ones come again, as the same object or as an equal one."""
    route_id, host = draw(st.sampled_from("abc")), draw(st.sampled_from(("app.example.com", "*.example.com")))
    target = draw(st.sampled_from((a_target(), a_target("10.0.0.2"), a_target("up.example.com", scheme="https"))))
    claims = draw(st.sampled_from(({}, {"X-Team": "team"})))
    return a_route(f"{route_id}{host[0]}", host, targets=(target,), tls=SHOWN, claim_headers=claims)


@st.composite
def histories(draw: st.DrawFn) -> list[AccessModel]:
    """Models that have much in common."""
    pool = draw(st.lists(routes(), min_size=1, max_size=6))
    chosen = st.lists(st.sampled_from(pool), max_size=5, unique_by=lambda route: route.id)
    timeouts = st.sampled_from((timedelta(seconds=30), timedelta(seconds=5)))
    hosts = st.sampled_from(("auth.example.com", "app.example.com"))
    listeners = st.sampled_from((a_listener(), a_listener(trusted_hops=1)))
    return [
        dataclasses.replace(
            a_model(*draw(chosen), default_timeout=draw(timeouts), listener=draw(listeners)),
            authenticate=dataclasses.replace(a_model().authenticate, host=draw(hosts)),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]


@settings(max_examples=50, deadline=None)
@given(histories())
def test_with_and_without_a_memory_the_bytes_are_the_same(history: list[AccessModel]) -> None:
    memory = Memory()
    for model in history:
        assert translate(model, PLACES, memory=memory) == translate(model, PLACES)


def test_what_stayed_the_same_object_is_not_made_again() -> None:
    memory = Memory()
    kept, changed = a_route("a"), a_route("b", "other.example.com")
    before = translate(a_model(kept, changed), PLACES, memory=memory)
    now = dataclasses.replace(changed, targets=(a_target("10.0.0.9"),))
    after = translate(a_model(kept, now), PLACES, memory=memory)
    same = {resource.name for resource in after if any(resource is each for each in before)}
    ours = {"ingress", "ostiary-check", "ostiary-watch", "ostiary-web"}
    assert same == {"route-a", "ingress/app.example.com", "ingress/auth.example.com"} | ours


@pytest.mark.parametrize("group", ["", "edge"])
def test_another_group_is_made_of_the_same(group: str) -> None:
    memory, model = Memory(), a_model(a_route("a"))
    first = {resource.name: resource for resource in translate(model, PLACES, memory=memory)}
    again = {resource.name: resource for resource in translate(model, PLACES, group, memory)}
    assert again["route-a"] is first["route-a"]


def test_what_was_not_asked_for_is_forgotten() -> None:
    shelf, route = Shelf(), a_route()
    made: list[int] = []

    def make(name: str, *made_of: object) -> Resource:
        made.append(1)
        return Resource(name, TypeUrl.CLUSTER, str(made_of).encode())

    shelf.recall(make, "x", route)
    shelf.turn()
    shelf.recall(make, "x", route)
    assert len(made) == 1
    shelf.turn()
    shelf.turn()
    shelf.recall(make, "x", route)
    assert len(made) == 2
