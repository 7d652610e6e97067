"""What those get who do not pass: the way to sign in, or a no in their own form."""

import json
from typing import Any

import pytest

from tests.extauthz.check.world import (
    APP,
    AUTH,
    BOB,
    BROWSER,
    OPEN,
    World,
    answer_headers,
    session_cookie,
    status,
)
from tests.extauthz.grpc_check.requests import check_request, set_headers

JSON = (("accept", "application/json"),)


async def test_a_navigation_is_sent_to_sign_in(world: World) -> None:
    response = await world.get("/deep/link?q=1", *BROWSER)
    headers = answer_headers(response)
    assert status(response) == 302
    assert headers["location"].startswith(f"https://{AUTH}/.pomerium/sign_in?")
    assert "deep%2Flink%3Fq%3D1" in headers["location"]
    cookies = [value for name, value in set_headers(response.denied_response.headers) if name == "set-cookie"]
    assert len(cookies) == 1
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookies[0].split("; "))
    assert headers["x-pomerium-intercepted-response"] == "true"
    assert headers["cache-control"] == "no-store"


async def test_a_stale_cookie_is_no_reason_not_to_redirect(world: World) -> None:
    assert status(await world.get("/", *BROWSER, session_cookie("A" * 43))) == 302


async def test_everything_else_is_told_where_to_sign_in(world: World) -> None:
    response = await world.get("/api", *JSON, ("x-request-id", "req-1"))
    assert status(response) == 401
    assert json.loads(response.denied_response.body) == {
        "error": "unauthenticated",
        "request_id": "req-1",
        "login_url": f"https://{APP}/.pomerium/?sign_in",
    }
    headers = answer_headers(response)
    assert headers["www-authenticate"] == f'Bearer realm="{APP}"'
    assert "set-cookie" not in headers
    assert "location" not in headers


async def test_a_token_that_opens_nothing_is_named(world: World) -> None:
    for fields in (("x-pomerium-authorization", "A" * 43), ("authorization", "Pomerium nonsense")):
        response = await world.get("/", fields, *BROWSER)
        assert status(response) == 401
        assert "invalid_token" in answer_headers(response)["www-authenticate"]


async def test_a_post_is_not_redirected(world: World) -> None:
    response = await world.ask(check_request("/form", *BROWSER, method="POST"))
    assert status(response) == 401
    assert answer_headers(response)["content-type"].startswith("text/html")


async def test_a_known_user_who_may_not_gets_403(world: World) -> None:
    bob = session_cookie(await world.sign_in(BOB))
    page = await world.get("/", bob, *BROWSER)
    assert status(page) == 403
    assert "location" not in answer_headers(page)
    told = await world.get("/", bob, *JSON)
    assert set(json.loads(told.denied_response.body)) == {"error", "request_id"}
    grpc = await world.ask(check_request("/p.S/M", bob, ("content-type", "application/grpc"), method="POST"))
    assert answer_headers(grpc)["grpc-status"] == "7"


async def test_criteria_are_shown_where_the_route_says_so(world: World) -> None:
    bob = session_cookie(await world.sign_in(BOB))
    assert "nobody" in (await world.get("/admin", bob, *BROWSER)).denied_response.body
    assert "alice" not in (await world.get("/", bob, *BROWSER)).denied_response.body


async def test_head_gets_no_body(world: World) -> None:
    response = await world.ask(check_request("/", *JSON, method="HEAD"))
    assert status(response) == 401
    assert response.denied_response.body == ""


@pytest.mark.parametrize(("host", "target"), [("a;for=1.2.3.4,b", "/"), (APP, "/public/../x")])
async def test_what_can_be_read_in_two_ways_gets_400(world: World, host: str, target: str) -> None:
    response = await world.get(target, *BROWSER, ("x-request-id", "req-1"), host=host)
    assert status(response) == 400
    assert "req-1" in response.denied_response.body
    assert "1.2.3.4" not in str(response)


async def test_a_request_without_id_gets_one(world: World) -> None:
    for response in (await world.get("/", *JSON), await world.get("/..", *JSON)):
        assert answer_headers(response)["x-request-id"] == json.loads(response.denied_response.body)["request_id"] != ""


async def test_crawlers_are_told_to_stay_away_from_what_they_cannot_read(world: World) -> None:
    response = await world.get("/robots.txt", *BROWSER)
    assert (status(response), response.denied_response.body) == (200, "User-agent: *\nDisallow: /")
    assert status(await world.get("/robots.txt", session_cookie(await world.sign_in(BOB)))) == 200
    assert status(await world.get("/robots.txt", host=OPEN)) == 0
    assert status(await world.get("/robots.txt", host="nobody.example.com")) == 404
    assert status(await world.ask(check_request("/robots.txt", method="POST"))) == 401


@pytest.mark.parametrize(
    ("target", "host", "expected"),
    [
        ("/ping", APP, 200),
        ("/healthz", OPEN, 200),
        ("/.well-known/pomerium/jwks.json", APP, 200),
        ("//.well-known/pomerium/jwks.json", APP, 200),
        ("/%2ewell-known/pomerium", APP, 200),
        ("/.pomerium/", APP, 200),
        ("/.pomerium", APP, 302),
        ("/.pomerium/user", APP, 401),
        ("/.pomerium/unknown", APP, 404),
        ("/.pomerium/callback/", APP, 400),
        ("/oauth2/callback", AUTH, 400),
        ("/robots.txt", AUTH, 200),
        ("/", AUTH, 302),
        ("/oauth2/callback", APP, 401),
        ("/ping", "nobody.example.com", 404),
    ],
)
async def test_a_foreign_mesh_gets_our_endpoints_from_check(
    world: World, target: str, host: str, expected: int
) -> None:
    response = await world.get(target, *JSON, host=host)
    assert status(response) == expected
    assert not response.HasField("ok_response")


async def test_our_endpoints_see_query_cookies_and_method(world: World) -> None:
    alice = session_cookie(await world.sign_in())
    user = await world.get("/.pomerium/user", alice)
    assert json.loads(user.denied_response.body)["email"] == "alice@example.com"
    sign_in = await world.get("/.pomerium/?sign_in", *BROWSER)
    assert status(sign_in) == 302
    ping = await world.ask(check_request("/ping", method="POST"))
    assert status(ping) == 405
    etag = answer_headers(await world.get("/.well-known/pomerium/jwks.json"))["etag"]
    assert status(await world.get("/ping", ("host", "evil.example"), ("x-request-id", "a b"))) == 200
    unchanged: Any = await world.get("/.well-known/pomerium/jwks.json", ("if-none-match", etag))
    assert status(unchanged) == 304
