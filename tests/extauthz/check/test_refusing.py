"""Nobody passes who may not: whatever is presented, however it is spelt, whatever is broken."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_model.load import load
from extauthz.check import use_case
from tests.extauthz.check.world import (
    APP,
    BOB,
    BROWSER,
    CONFIGURATION,
    COOKIE,
    MODEL,
    OPEN,
    World,
    answer_headers,
    session_cookie,
    status,
)
from tests.extauthz.grpc_check.requests import check_request

METHODS = """\
- {from: 'https://methods.example.com', to: 'http://e:5', policy: {allow: {or: [http_method: {in: [GET, POST]}]}}}
"""
PROTECTED = MODEL.routes[5].id
A = "A" * 43
JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9."


@pytest.mark.parametrize(
    "fields",
    [
        (),
        BROWSER,
        (("user-agent", ""),),
        (("user-agent", "GoogleHC/1.0"),),
        (("user-agent", "kube-probe/1.30"),),
        (session_cookie(""),),
        (session_cookie("AAAA"),),
        (session_cookie(A),),
        (session_cookie("A" * 60_000),),
        (("cookie", b"__Host-_pomerium=\x00\x80\xff"),),
        (("cookie", f"{COOKIE}_chunks=99999999"),),
        (("authorization", "Bearer x"),),
        (("authorization", f"Bearer {JWT}"),),
        (("authorization", f"Bearer Pomerium-{JWT}"),),
        (("authorization", f"Pomerium {A}"),),
        (("authorization", "Basic YWxpY2U6eA=="),),
        (("x-pomerium-authorization", A),),
        (("x-pomerium-jwt-assertion", JWT), ("x-forwarded-user", "alice")),
    ],
)
@pytest.mark.parametrize("route_id", [None, PROTECTED])
async def test_a_stranger_stays_out(world: World, fields: Any, route_id: str | None) -> None:
    assert status(await world.get("/", *fields, route_id=route_id)) in {302, 401}


@pytest.mark.parametrize(
    "target",
    [
        "/api/private?x=/status",
        "/admin?x=.css",
        "/admin;x=.css",
        "/secret;x=.css",
        "/public",
        "/publicity",
        "/PUBLIC/x",
        "/public/../secret",
        "/public/%2e%2e/secret",
        "/public/..;/secret",
        "/./secret",
        "/public/.%2e/secret",
        "/public%2f..%2fsecret",
        "/public/..%252fsecret",
        "//secret",
        "///secret",
        "/\\/secret",
        "//public/x",
        "/status;x",
        "/status/",
        "/stat%75s",
        "//robots.txt/x",
        "/%2epomerium/../secret",
    ],
)
@pytest.mark.parametrize("raw", [True, False])
async def test_no_spelling_opens_the_protected_part(world: World, target: str, raw: bool) -> None:
    assert status(await world.get(target, raw=raw)) in {400, 401}
    bob = await world.sign_in(BOB)
    assert status(await world.get(target, session_cookie(bob), raw=raw)) in {400, 403}


async def test_the_query_is_no_part_of_the_path(world: World) -> None:
    alice = session_cookie(await world.sign_in())
    assert status(await world.get("/admin", alice)) == 403
    assert status(await world.get("/admin?x=1", alice)) == 403
    assert status(await world.get("/other?x=/admin", alice)) == 0


@pytest.mark.parametrize(
    "host", ["APP.Example.COM", "app.example.com.", "app.example.com:443", "App.example.com.:8443"]
)
async def test_every_spelling_of_a_host_is_that_host(world: World, host: str) -> None:
    assert status(await world.get("/", host=host)) == 401
    assert status(await world.get("/", session_cookie(await world.sign_in()), host=host)) == 0


async def test_a_cookie_opens_no_other_host(world: World) -> None:
    value = await world.sign_in(host=OPEN)
    assert status(await world.get("/", session_cookie(value), host=APP)) == 401


async def test_two_session_cookies_are_nobody(world: World) -> None:
    alice = await world.sign_in()
    for values in ((alice, A), (A, alice), (alice, alice)):
        joined = "; ".join(f"{COOKIE}={value}" for value in values)
        assert status(await world.get("/", ("cookie", joined))) == 401
        for raw in (True, False):
            assert status(await world.get("/", *map(session_cookie, values), raw=raw)) == 401
    assert world.store.lookups == 0


async def test_two_authorizations_are_refused_everywhere(world: World) -> None:
    alice = await world.sign_in()
    for first, second in (("Basic YTpi", f"Pomerium {alice}"), (f"Pomerium {alice}", "Basic YTpi")):
        for raw in (True, False):
            for host in (APP, OPEN):
                fields = (("authorization", first), ("authorization", second))
                response = await world.get("/", *fields, host=host, raw=raw)
                assert status(response) == 401
                assert "invalid_request" in answer_headers(response)["www-authenticate"]


async def test_an_ended_session_is_over(world: World) -> None:
    cookie = session_cookie(await world.sign_in())
    assert status(await world.get("/", cookie)) == 0
    await world.store.end_session("session-of-alice", world.now)
    assert status(await world.get("/", cookie)) == 401


async def test_a_store_that_is_down_means_503(world: World) -> None:
    cookie = session_cookie(await world.sign_in())
    world.store.down = True
    assert status(await world.get("/", cookie, *BROWSER)) == 503
    assert status(await world.get("/", cookie)) == 503
    assert status(await world.get("/public/x", cookie)) == 0


async def test_a_bug_means_503_and_our_own_page(world: World) -> None:
    world.store.broken = True
    response = await world.get("/", session_cookie(A), *BROWSER, ("x-request-id", "req-9"))
    assert status(response) == 503
    assert "req-9" in response.denied_response.body
    assert "a bug in the store" not in response.denied_response.body


async def test_a_configuration_that_cannot_be_had_means_503(world: World) -> None:
    def fail() -> Any:
        raise RuntimeError("no configuration")

    services = replace(world.check.services, current=fail)
    world.check = replace(world.check, services=services)
    assert status(await world.get("/public/x")) == 503


async def test_a_slow_store_means_503(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(use_case, "DEADLINE_SECONDS", 0.01)
    monkeypatch.setattr(world.store, "find_by_handle", hang)
    assert status(await world.get("/", session_cookie(A))) == 503


@pytest.mark.parametrize(("route_id", "expected"), [("", 404), ("unknown", 503)])
async def test_without_a_route_nothing_passes(world: World, route_id: str, expected: int) -> None:
    assert status(await world.get("/", session_cookie(await world.sign_in()), route_id=route_id)) == expected


@pytest.mark.parametrize("data", [b"", b"\xff\xff", b"\x0a\x02\x08\x01"])
async def test_bytes_that_are_no_request(world: World, data: bytes) -> None:
    assert status(await world.ask(data)) == 400


TEXT = st.text(max_size=40)
PATHS = TEXT | st.text(alphabet="/.;%25eEfFcC\\publiadmn?#", max_size=40).map(lambda text: f"/{text}")
NAMES = st.sampled_from(["cookie", "authorization", "x-pomerium-authorization", "accept", "x-request-id"]) | TEXT
VALUES = st.binary(max_size=60) | st.binary(max_size=60).map(lambda value: b"__Host-_pomerium=" + value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(PATHS, TEXT, st.lists(st.tuples(NAMES, VALUES), max_size=6), st.booleans())
async def test_no_request_whatsoever_gets_through(
    world: World, target: str, host: str, fields: list[tuple[str, bytes]], raw: bool
) -> None:
    for data in (
        check_request(target, *fields, route_id=PROTECTED, raw=raw),
        check_request(target, *fields, route_id=PROTECTED, host=host, raw=raw),
        check_request(f"/secret{target}", *fields, host="plain.example.com", raw=raw),
    ):
        assert status(await world.ask(data)) >= 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
async def test_no_bytes_whatsoever_get_through(world: World, data: bytes) -> None:
    assert status(await world.ask(data)) >= 200


async def test_a_method_that_a_header_contradicts_is_400_where_the_policy_looks_at_it(world: World) -> None:
    text = CONFIGURATION + METHODS
    world.model = load(text, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model
    override = ("x-http-method-override", "DELETE")
    assert status(await world.get("/", override, host="methods.example.com")) == 400
    assert status(await world.get("/", host="methods.example.com")) == 0
    assert status(await world.get("/", override, host=OPEN)) == 0
