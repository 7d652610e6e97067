import asyncio
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog

from extauthz.check import use_case
from service_kit.logs import configure_logging
from tests.extauthz.check.world import (
    ACCESS_TOKEN,
    APP,
    BOB,
    BROWSER,
    COOKIE,
    OPEN,
    PLAIN,
    REFRESH_TOKEN,
    World,
    session_cookie,
)


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """Log everything at the most talkative level."""
    out = StringIO()
    configure_logging("debug", stream=out, human=False)
    yield out
    structlog.reset_defaults()


def decisions(lines: StringIO) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in lines.getvalue().splitlines()]
    return [event for event in events if event["event"] == "decision"]


async def test_one_line_per_decision(world: World, lines: StringIO) -> None:
    cookie = session_cookie(await world.sign_in())
    await world.get("/logged?password=hunter2", cookie, ("x-request-id", "req-1"))
    (line,) = decisions(lines)
    route = world.model.routes[5]
    assert {key: line[key] for key in line if key not in {"duration_ms", "timestamp", "level"}} == {
        "event": "decision",
        "request_id": "req-1",
        "route_id": route.id,
        "user": "alice",
        "session": "session-of-alice",
        "decision": "allow",
        "reasons": ["user-ok"],
        "status": 0,
        "method": "GET",
        "host": APP,
        "path": "/logged",
        "client": "203.0.113.7",
    }
    assert line["duration_ms"] >= 0


async def test_each_outcome_has_its_word(world: World, lines: StringIO) -> None:
    bob = session_cookie(await world.sign_in(BOB))
    await world.get("/")
    await world.get("/", bob)
    await world.get("/", host="nobody.example.com")
    await world.get("/..")
    await world.get("/status;x")
    await world.get("/", ("authorization", "Basic x,Bearer y"))
    await world.get("/ping")
    world.store.down = True
    await world.get("/", bob)
    assert [(line["decision"], line["status"]) for line in decisions(lines)] == [
        ("sign-in", 401),
        ("forbidden", 403),
        ("no-such-route", 404),
        ("bad-request", 400),
        ("bad-request", 400),
        ("conflicting-credentials", 401),
        ("own-endpoint", 200),
        ("unavailable", 503),
    ]
    last = decisions(lines)[-1]
    assert (last["level"], last["problem"]) == ("warning", "session store file `x` is gone")


async def test_the_line_names_the_route_also_where_nothing_can_be_decided(
    world: World, lines: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: Any) -> None:
        await asyncio.Event().wait()

    cookie = session_cookie("a" * 43)
    world.store.down = True
    await world.get("/", cookie)
    world.store.down, world.store.broken = False, True
    await world.get("/admin", cookie)
    monkeypatch.setattr(use_case, "DEADLINE_SECONDS", 0.01)
    monkeypatch.setattr(world.store, "find_by_handle", hang)
    await world.get("/", cookie)
    app, admin = world.model.routes[5].id, world.model.routes[4].id
    assert [(line["decision"], line["route_id"], line["problem"]) for line in decisions(lines)] == [
        ("unavailable", app, "session store file `x` is gone"),
        ("unavailable", admin, "a bug in the store"),
        ("unavailable", app, "no decision within 0.01 s"),
    ]


async def test_no_secret_is_logged_at_any_level(world: World, lines: StringIO) -> None:
    alice = await world.sign_in()
    plain = await world.sign_in(host=PLAIN)
    for token in (alice, plain):
        for host in (APP, OPEN, PLAIN):
            for target in ("/", "/admin", "/.pomerium/user", "/..", f"/?t={token}", "/status;x"):
                for fields in (
                    [session_cookie(token), *BROWSER],
                    [session_cookie(token), session_cookie(token)],
                    [("cookie", f"{COOKIE}={token},{COOKIE}={token}")],
                    [("x-pomerium-authorization", token)],
                    [("authorization", f"Pomerium {token}")],
                    [("authorization", f"Bearer Pomerium-{token}"), ("authorization", f"Bearer {token}")],
                ):
                    for down, broken in ((False, False), (True, False), (False, True)):
                        world.store.down, world.store.broken = down, broken
                        await world.get(target, *fields, host=host)
    said = lines.getvalue()
    assert len(decisions(lines)) == 2 * 3 * 6 * 6 * 3
    for secret in (alice, plain, ACCESS_TOKEN, REFRESH_TOKEN, "a-client-secret", "eyJ"):
        assert secret not in said
