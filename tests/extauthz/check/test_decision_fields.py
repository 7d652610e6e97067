"""What the decision's line tells when operators choose its fields."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from access_model.facts import Identity
from access_model.forwarding import RateLimit
from access_model.load import decision_log as loading
from extauthz.check.client import Client
from extauthz.check.decision_fields import FIELDS, Told, chosen
from extauthz.programs.service_account import Wanted, new_service_account
from tests.extauthz.check.world import APP, AUTH, MODEL, World, session_cookie

ALWAYS = {"event", "log_level", "decision", "reasons", "status", "route_id", "duration_ms"}


def choosing(world: World, *fields: str) -> World:
    """The world with these fields chosen."""
    world.model = replace(world.model, decision_log_fields=fields)
    return world


async def line_of(world: World, *asked: Any, **envoy: Any) -> dict[str, Any]:
    """The line about one request."""
    with structlog.testing.capture_logs() as logs:
        await world.get(*asked, **envoy)
    (line,) = [dict(entry) for entry in logs if entry["event"] == "decision"]
    return line


def test_every_field_that_may_be_chosen_can_be_told() -> None:
    assert set(loading.FIELDS) == set(FIELDS)
    nothing = Told(Client("", {}, ""), None, None, None)
    assert not any(chosen(name, nothing) for name in FIELDS)


async def test_what_was_chosen_is_told_and_nothing_else_of_the_request(world: World) -> None:
    cookie = session_cookie(await world.sign_in())
    line = await line_of(choosing(world, "path", "headers.x-team"), "/a%20b?secret=1", cookie, ("X-Team", "red"))
    assert line.keys() == ALWAYS | {"path", "headers.x-team"}
    assert (line["decision"], line["path"], line["headers.x-team"]) == ("allow", "/a b", "red")


async def test_every_field_of_a_person(world: World) -> None:
    cookie = session_cookie(await world.sign_in())
    line = await line_of(choosing(world, *FIELDS), "/logged?q=1&r", cookie, ("x-request-id", "req-1"))
    assert {name: line[name] for name in FIELDS} == {
        "email": "alice@example.com",
        "host": APP,
        "id-token-claims": {"amr": ["pwd"]},
        "ip": "203.0.113.7",
        "method": "GET",
        "path": "/logged",
        "query": "q=1&r",
        "removed-groups-count": 0,
        "request-id": "req-1",
        "route-id": world.model.routes[5].id,
        "service-account-id": "",
        "session-id": "session-of-alice",
        "user": "alice",
    }


async def test_a_malformed_request_and_a_stranger_s_have_lines_too(world: World) -> None:
    choosing(world, *FIELDS)
    malformed, stranger = await line_of(world, "/.."), await line_of(world, "/x?y")
    assert (malformed["decision"], malformed["method"], malformed["path"], malformed["query"]) == (
        *("bad-request", "GET"),
        *("", ""),
    )
    assert (stranger["decision"], stranger["user"], stranger["email"], stranger["query"]) == ("sign-in", "", "", "y")


async def test_a_service_account_is_told_by_its_id(world: World) -> None:
    wanted = Wanted("robot", world.now + timedelta(days=1))
    made = new_service_account(wanted, world.entropy(16), world.entropy(32), world.now)
    await world.store.save_sign_in(made.session, made.user, made.handle)
    token = ("authorization", f"Bearer Pomerium-{made.token}")
    line = await line_of(choosing(world, "service-account-id", "session-id", "user"), "/", token)
    assert (line["service-account-id"], line["session-id"], line["user"]) == (
        *(made.session.id, made.session.id),
        "robot",
    )


async def test_the_query_of_our_own_endpoints_is_not_told(world: World) -> None:
    choosing(world, "query")
    for target, host in (("/oauth2/callback?code=c&state=s", AUTH), ("/.pomerium/user?ticket=t", APP)):
        assert (await line_of(world, target, host=host))["query"] == ""
    world.check = replace(world.check, application=None)  # an endpoint that fails does not tell it either
    failed = await line_of(world, "/oauth2/callback?code=c&state=s", host=AUTH)
    assert (failed["decision"], failed["query"]) == ("unavailable", "")


async def test_the_route_is_told_where_a_client_is_told_to_wait(world: World) -> None:
    once = RateLimit(requests=1, interval=timedelta(minutes=1), burst=1)
    world.model = replace(world.model, token_failure_limit=once)
    await world.get("/", ("x-pomerium-authorization", "1" * 43))
    line = await line_of(world, "/", ("x-pomerium-authorization", "2" * 43))
    assert (line["decision"], line["route_id"]) == ("too-many-attempts", world.model.routes[5].id)


async def test_a_header_is_cut_and_its_values_are_joined(world: World) -> None:
    choosing(world, "headers.x-team", "headers.x-none")
    line = await line_of(world, "/", ("x-team", "red"), ("x-team", "b" * 300))
    assert line["headers.x-team"] == "red," + "b" * 196
    assert line["headers.x-none"] == ""


def test_groups_that_the_filter_keeps_from_the_assertion_are_counted() -> None:
    route = replace(MODEL.routes[5], groups_filter=("staff", "admins"))
    identity = Identity("alice", "s", groups=("staff", "sales", "research"))
    told = Told(Client("GET", {}, ""), None, route, identity)
    assert chosen("removed-groups-count", told) == 2
    assert chosen("removed-groups-count", replace(told, route=MODEL.routes[5])) == 0
    without_directory = replace(identity, groups=(), session_claims={"groups": ("x", "y")})
    assert chosen("removed-groups-count", replace(told, identity=without_directory)) == 0
