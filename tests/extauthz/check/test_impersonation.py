"""For whom a Kubernetes API server is asked: the user alone, and never the service account itself."""

from dataclasses import replace
from typing import Any

import pytest

from access_model.facts import Identity
from access_model.secret import Secret
from extauthz.check.impersonation import impersonation
from tests.extauthz.check.world import OPEN, World, removed_headers, session_cookie, upstream_headers
from tests.extauthz.sign_in.world import a_route

ROUTE = replace(a_route("https", "k.example.com", 443), kubernetes_token=Secret.of("the-token"))


def asked_for(groups_filter: tuple[str, ...] = (), **person: Any) -> dict[str, str]:
    route = replace(ROUTE, groups_filter=groups_filter)
    return impersonation(route, Identity(**{"user_id": "u1", "session_id": "s", **person}))


@pytest.mark.parametrize(
    ("person", "user"),
    [
        ({"email": "a@example.com"}, "a@example.com"),
        ({"email": "a@example.com", "email_verified": True}, "a@example.com"),
        ({"email": "admin@example.com", "email_verified": False}, "u1"),
        ({}, "u1"),
        ({"email": "ä\r\nx: y"}, "%C3%A4%0D%0Ax: y"),
    ],
)
def test_the_user(person: dict[str, Any], user: str) -> None:
    headers = asked_for(**person)
    assert headers == {"authorization": "Bearer the-token", "impersonate-user": user}


@pytest.mark.parametrize(
    ("person", "groups"),
    [
        ({"groups": ("a", "b")}, "a,b"),
        ({"session_claims": {"groups": ("a",)}}, "a"),
        ({"groups": ("a,system:masters", "b")}, "a%2Csystem:masters,b"),
        ({"groups": ("system:masters", "b", "", "System:nodes", " system:x")}, "b"),
        ({"groups": ("system:masters",)}, None),
    ],
)
def test_the_groups(person: dict[str, Any], groups: str | None) -> None:
    assert asked_for(**person).get("impersonate-group") == groups


def test_groups_are_those_of_the_assertion() -> None:
    assert asked_for(("a",), groups=("a", "b"))["impersonate-group"] == "a"


@pytest.mark.parametrize("person", [{"user_id": "system:admin"}, {"user_id": ""}, {"email": "system:kube-proxy"}])
def test_without_a_user_that_may_be_named_there_is_no_token(person: dict[str, Any]) -> None:
    assert asked_for(**person) == {}


def test_a_stranger_gets_no_token() -> None:
    assert impersonation(ROUTE, None) == {}
    assert impersonation(replace(ROUTE, kubernetes_token=None), Identity("u", "s")) == {}


async def test_what_reaches_the_upstream(world: World) -> None:
    routes = tuple(replace(route, kubernetes_token=Secret.of("the-token")) for route in world.model.routes)
    world.model = replace(world.model, routes=routes)
    value = await world.sign_in()
    response = await world.get("/", session_cookie(value), ("impersonate-user", "admin"), ("impersonate-uid", "1"))
    headers = upstream_headers(response)
    assert (headers["authorization"], headers["impersonate-user"]) == ("Bearer the-token", "alice@example.com")
    assert "impersonate-uid" in removed_headers(response)
    stranger = await world.get("/", ("impersonate-user", "admin"), ("impersonate_uid", "1"), host=OPEN)
    assert "authorization" not in upstream_headers(stranger)
    assert {"impersonate-user", "impersonate_uid"} <= set(removed_headers(stranger))


async def test_a_public_route_names_whom_it_knows(world: World) -> None:
    route = next(route for route in world.model.routes if route.origin.host == OPEN)
    bare = replace(route, kubernetes_token=Secret.of("the-token"), pass_identity_headers=False)
    world.model = replace(world.model, routes=(bare,))
    known = await world.get("/", session_cookie(await world.sign_in(host=OPEN)), host=OPEN)
    assert upstream_headers(known)["impersonate-user"] == "alice@example.com"
