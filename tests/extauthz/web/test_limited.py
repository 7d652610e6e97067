"""How often a client may try at our endpoints: whom it concerns, what it costs, and in which form it is told."""

import httpx
import pytest

from access_model.forwarding import RateLimit
from extauthz.limits import EXTERNAL_ADDRESS
from session_store.repository import StoreUnavailable
from tests.extauthz.web.test_provider_logout import logout_token
from tests.extauthz.web.test_provider_logout import post as post_logout
from tests.extauthz.web.world import APP, AUTH, World, a_model
from tests.session_store.samples import MINUTE

ANNA, BERT = {EXTERNAL_ADDRESS: "192.0.2.1"}, {EXTERNAL_ADDRESS: "2001:db8::7"}
STEPS = [
    ("GET", AUTH, "/.pomerium/sign_in"),
    ("GET", AUTH, "/oauth2/callback?code=x&state=y"),
    ("POST", AUTH, "/oauth2/callback/partners"),
    ("GET", APP, "/.pomerium/callback/"),
    ("GET", APP, "/.pomerium/join"),
    ("GET", APP, "/.pomerium/api/v1/login"),
]


@pytest.fixture
async def world(world: World) -> World:
    """Three attempts a minute."""
    limit = RateLimit(requests=3, interval=MINUTE, burst=3)
    world.model = a_model(sign_in_limit=limit, token_failure_limit=limit)
    return world


async def tried(world: World, method: str, host: str, path: str, client: dict[str, str]) -> httpx.Response:
    return await world.send(method, path, host, client)


@pytest.mark.parametrize(("method", "host", "path"), STEPS)
async def test_each_step_of_a_sign_in_counts_and_the_next_client_is_free(
    world: World, method: str, host: str, path: str
) -> None:
    answers = [await tried(world, method, host, path, ANNA) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert answers[3].headers["retry-after"] == "20"
    assert (await tried(world, method, host, path, BERT)).status_code == 400
    world.now += MINUTE / 3
    assert (await tried(world, method, host, path, ANNA)).status_code == 400


async def test_steps_count_together(world: World) -> None:
    answers = [await tried(world, *step, ANNA) for step in STEPS]
    assert [answer.status_code for answer in answers] == [400] * 3 + [429] * 3


async def test_it_is_told_in_the_form_that_the_client_reads(world: World) -> None:
    for _ in range(3):
        await tried(world, *STEPS[0], ANNA)
    page = await tried(world, *STEPS[0], ANNA)
    assert "Too many attempts" in page.text
    assert "Try again in 20 seconds" in page.text
    script = {**ANNA, "accept": "application/json", "sec-fetch-mode": "cors"}
    answer = await world.send("GET", STEPS[0][2], AUTH, script)
    assert answer.json() == {"error": "too-many-attempts", "request_id": "req-1"}


async def test_neither_form_nor_store_is_looked_at_then(world: World) -> None:
    for _ in range(3):
        await tried(world, *STEPS[1], ANNA)
    answer = await world.send("POST", "/oauth2/callback", AUTH, {**ANNA, "content-type": "text/plain"}, "x" * 100_000)
    assert answer.status_code == 429


async def test_pages_for_who_is_signed_in_are_not_limited(world: World) -> None:
    cookie = await world.sign_in()
    for _ in range(5):
        await tried(world, *STEPS[0], ANNA)
    assert (await world.get("/.pomerium/", **cookie, **ANNA)).status_code == 200
    assert (await world.get("/.well-known/pomerium/jwks.json", **ANNA)).status_code == 200


async def test_orders_to_sign_out_count_when_they_are_no_good(world: World) -> None:
    world.client.headers.update(ANNA)
    for number in range(6):
        assert (await post_logout(world, logout_token(jti=f"order-{number}"))).status_code == 200
    answers = [(await post_logout(world, "no token")).status_code for _ in range(4)]
    assert answers == [400, 400, 400, 429]
    assert (await post_logout(world, logout_token(jti="late"))).status_code == 429
    assert (await tried(world, *STEPS[0], ANNA)).status_code == 400  # counted apart


async def test_unknown_tokens_count_and_a_good_one_goes_on(world: World) -> None:
    cookie = await world.sign_in()
    good = {"x-pomerium-authorization": cookie["cookie"].partition("=")[2], **ANNA}
    assert (await world.get("/.pomerium/user", **good)).status_code == 200
    guesses = [{"x-pomerium-authorization": f"{number:043}", **ANNA} for number in range(5)]
    assert [(await world.get("/.pomerium/user", **each)).status_code for each in guesses] == [401] * 3 + [429] * 2
    assert (await world.get("/.pomerium/user", **good)).status_code == 200


async def test_unknown_cookies_do_not_count(world: World) -> None:
    for number in range(5):
        stale = {"cookie": f"__Host-_pomerium={number:043}", **ANNA}
        assert (await world.get("/.pomerium/user", **stale)).status_code == 401


async def test_a_store_that_is_away_counts_against_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(world.store), "find_by_handle", away)
    guess = {"x-pomerium-authorization": "x" * 43, **ANNA}
    assert [(await world.get("/.pomerium/user", **guess)).status_code for _ in range(5)] == [503] * 5
