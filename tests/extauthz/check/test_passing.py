"""What reaches the upstream with a request that may pass."""

from datetime import timedelta

import pytest

from extauthz.assertion.claims import assertion_claims
from tests.extauthz.check.world import (
    ACCESS_TOKEN,
    APP,
    COOKIE,
    NOW,
    OPEN,
    PLAIN,
    RING,
    World,
    removed_headers,
    session_cookie,
    status,
    upstream_headers,
)

ASSERTION = "x-pomerium-jwt-assertion"


async def test_the_user_is_named_and_signed_for(world: World) -> None:
    headers = upstream_headers(await world.get("/", session_cookie(await world.sign_in())))
    claims = RING.verify(headers[ASSERTION], NOW)
    assert (claims["sub"], claims["aud"], claims["iss"]) == ("alice", APP, APP)
    assert (claims["email"], claims["sid"], claims["groups"]) == ("alice@example.com", "session-of-alice", [])
    assert (headers["x-email"], headers["x-department"]) == ("alice@example.com", "research")


async def test_each_assertion_has_its_own_id(world: World) -> None:
    cookie = session_cookie(await world.sign_in())
    first, second = [upstream_headers(await world.get("/", cookie))[ASSERTION] for _ in range(2)]
    assert RING.verify(first, NOW)["jti"] != RING.verify(second, NOW)["jti"]


@pytest.mark.parametrize("down", [False, True])
async def test_a_public_route_names_the_user_if_it_can(world: World, down: bool) -> None:
    cookie = session_cookie(await world.sign_in(host=OPEN))
    stranger = upstream_headers(await world.get("/", host=OPEN))
    assert RING.verify(stranger[ASSERTION], NOW)["sub"] == ""
    assert (stranger["x-email"], stranger["x-department"]) == ("", "")
    world.store.down = down
    known = upstream_headers(await world.get("/", cookie, host=OPEN))
    assert RING.verify(known[ASSERTION], NOW)["sub"] == ("" if down else "alice")


async def test_no_identity_header_where_the_route_passes_none_but_templates_work(world: World) -> None:
    value = await world.sign_in(host=PLAIN)
    response = await world.get("/", ("cookie", f"a=1; {COOKIE}={value}"), host=PLAIN)
    headers = upstream_headers(response)
    assert set(headers) == {"authorization", "cookie", "x-copied", "x-signed"}
    assert headers["authorization"] == f"Bearer {ACCESS_TOKEN}"
    assert RING.verify(headers["x-signed"], NOW)["sub"] == "alice"
    assert headers["x-copied"] == "a=1"
    assert value not in str(response)
    alone = await world.get("/", session_cookie(value), host=PLAIN)
    assert upstream_headers(alone)["x-copied"] == ""


@pytest.mark.parametrize(
    "fields",
    [
        lambda token: [("x-pomerium-authorization", token)],
        lambda token: [("authorization", f"Pomerium {token}")],
        lambda token: [("authorization", f"Bearer Pomerium-{token}")],
        lambda token: [session_cookie(token), ("x-pomerium-authorization", "x"), ("authorization", "Pomerium x")],
    ],
)
async def test_credentials_of_ours_stay_here(world: World, fields: object) -> None:
    assert callable(fields)
    sent = fields(await world.sign_in())
    response = await world.get("/", *sent)
    assert {name for name, _ in sent} <= set(removed_headers(response))


@pytest.mark.parametrize("authorization", ["Basic YTpi", "Bearer a.b.c", 'Digest username="a", realm="b"'])
async def test_the_upstream_s_own_authorization_reaches_it(world: World, authorization: str) -> None:
    response = await world.get("/", session_cookie(await world.sign_in()), ("authorization", authorization))
    assert "authorization" not in removed_headers(response)
    assert "authorization" not in upstream_headers(response)


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (["a=1; {own}; b=2"], "a=1; b=2"),
        (["{own}; a=1"], "a=1"),
        (["a=1", "{own}"], "a=1"),
        (["a=1;b=2", "{own};  c = 3 "], "a=1;b=2; c = 3 "),
        (['a="x, y"; {own}; b=%20'], 'a="x, y"; b=%20'),
        (["{own}; __Host-pomerium_state_x=1; __Host-pomerium_binding_y=2; z=3"], "z=3"),
        (["{own}; a=é"], "a=é"),
        (["{own}"], None),
    ],
)
async def test_other_cookies_reach_the_upstream_byte_for_byte(world: World, lines: list[str], left: str | None) -> None:
    own = f"{COOKIE}={await world.sign_in()}"
    response = await world.get("/", *(("cookie", line.format(own=own)) for line in lines))
    if left is None:
        assert "cookie" in removed_headers(response)
    else:
        assert upstream_headers(response)["cookie"] == left


async def test_cookies_that_envoy_joined_by_a_comma_open_nothing_and_stay_here(world: World) -> None:
    value = await world.sign_in(host=OPEN)
    response = await world.get("/", ("cookie", "a=1"), session_cookie(value), host=OPEN, raw=False)
    headers = upstream_headers(response)
    assert headers["cookie"] == "a=1"
    assert RING.verify(headers[ASSERTION], NOW)["sub"] == ""


async def test_cookies_are_left_alone_where_none_is_ours(world: World) -> None:
    response = await world.get("/", ("cookie", b"a=\xe9; b=2"), ("cookie", "c=3"), host=OPEN)
    assert "cookie" not in upstream_headers(response)
    assert "cookie" not in removed_headers(response)


async def test_a_cookie_that_cannot_be_sent_on_is_left_out(world: World) -> None:
    own = f"{COOKIE}={await world.sign_in()}".encode()
    response = await world.get("/", ("cookie", b"a=1; b=\xe9; " + own))
    assert upstream_headers(response)["cookie"] == "a=1"


FORGED = [
    "x-pomerium-jwt-assertion-for",
    "x_pomerium_jwt_assertion",
    "x-pomerium_jwt-assertion",
    "x-pomerium-claim-email",
    "x-pomerium-anything",
    "x_email",
    "x_department",
    "x-forwarded-user",
    "x_forwarded_user",
    "remote-user",
    "remote_user",
    "x-remote-groups",
    "x-auth-request-email",
]


@pytest.mark.parametrize("host", [APP, OPEN])
async def test_what_speaks_for_a_user_is_not_the_client_s_to_say(world: World, host: str) -> None:
    fields = [(name, "FAKE") for name in (*FORGED, ASSERTION, "X-Email", "x-mine")]
    response = await world.get("/", session_cookie(await world.sign_in(host=host)), *fields, host=host)
    assert set(FORGED) <= set(removed_headers(response))
    assert "x-mine" not in removed_headers(response)
    assert {ASSERTION, "x-email"} <= set(upstream_headers(response))
    assert "FAKE" not in str(response)


async def test_another_route_s_claim_headers_are_forgeable_too(world: World) -> None:
    cookie = session_cookie(await world.sign_in(host=PLAIN))
    response = await world.get("/", cookie, ("x-email", "FAKE"), (ASSERTION, "FAKE"), host=PLAIN)
    assert {"x-email", ASSERTION} <= set(removed_headers(response))


async def test_an_assertion_passed_on_is_one_of_ours_or_none(world: World) -> None:
    claims = assertion_claims(
        None, host=APP, issuer_format="hostOnly", claim_headers={}, groups_filter=(), now=NOW, token_id="t"
    )
    ours = ("x-pomerium-jwt-assertion-for", RING.sign(claims))
    cookie = session_cookie(await world.sign_in())
    assert ours[0] not in removed_headers(await world.get("/", cookie, ours))
    assert ours[0] in removed_headers(await world.get("/", cookie, (ours[0], ours[1][:-2])))
    assert ours[0] in removed_headers(await world.get("/", cookie, ours, ours))
    world.now += timedelta(minutes=7)
    assert ours[0] in removed_headers(await world.get("/", cookie, ours))


async def test_use_is_recorded_once_a_minute(world: World) -> None:
    cookie = session_cookie(await world.sign_in())
    for seconds, touches in ((0, 0), (59, 0), (2, 1), (30, 1), (31, 2)):
        world.now += timedelta(seconds=seconds)
        assert status(await world.get("/", cookie)) == 0
        assert world.store.touches == touches


async def test_nothing_is_looked_up_where_nothing_depends_on_it(world: World) -> None:
    await world.get("/", ("cookie", f"{COOKIE}={'A' * 600}"))
    await world.get("/")
    assert world.store.lookups == 0
