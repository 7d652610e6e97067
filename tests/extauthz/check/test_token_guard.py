"""Tokens that open nothing, presented to `Check`; and our endpoints' limits where nothing but `Check` is there."""

from dataclasses import replace

import pytest

from access_model.forwarding import RateLimit
from extauthz.programs.service_account import Wanted, new_service_account
from tests.extauthz.check.world import AUTH, MODEL, OPEN, World
from tests.extauthz.grpc_check.requests import is_allowed
from tests.session_store.samples import HOUR, MINUTE

LIMIT = RateLimit(requests=3, interval=MINUTE, burst=3)
OTHER_CLIENT = "198.51.100.9"


@pytest.fixture
def world(world: World) -> World:
    """Three attempts a minute."""
    world.model = replace(MODEL, sign_in_limit=LIMIT, token_failure_limit=LIMIT)
    return world


def guess(number: int, name: str = "x-pomerium-authorization") -> tuple[str, str]:
    return name, f"{number:043}" if name != "authorization" else f"Bearer Pomerium-{number:043}"


def status(response: object) -> int:
    return int(response.denied_response.status.code)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["x-pomerium-authorization", "authorization"])
async def test_after_too_many_unknown_tokens_nothing_is_looked_up(world: World, name: str) -> None:
    answers = [await world.get("/", guess(number, name)) for number in range(6)]
    assert [status(answer) for answer in answers] == [401] * 3 + [429] * 3
    assert world.store.lookups == 3
    headers = {header.header.key: header.header.value for header in answers[5].denied_response.headers}
    assert headers["retry-after"] == "20"


async def test_another_client_and_a_cookie_are_not_concerned(world: World) -> None:
    cookie = await world.sign_in()
    for number in range(5):
        await world.get("/", guess(number))
    assert status(await world.get("/", guess(9), address=OTHER_CLIENT)) == 401
    assert is_allowed(await world.get("/", ("cookie", f"__Host-_pomerium={cookie}")))


async def test_a_program_with_a_good_token_goes_on_behind_the_same_address(world: World) -> None:
    token = ("x-pomerium-authorization", await world.sign_in())
    assert is_allowed(await world.get("/", token))
    for number in range(5):
        await world.get("/", guess(number))
    assert status(await world.get("/", guess(9))) == 429
    assert is_allowed(await world.get("/", token))


async def test_a_guess_beside_a_good_cookie_is_not_taken_for_a_good_token(world: World) -> None:
    cookie = ("cookie", f"__Host-_pomerium={await world.sign_in()}")
    assert is_allowed(await world.get("/", cookie, guess(9)))
    for number in range(3):
        await world.get("/", guess(number))
    assert status(await world.get("/", guess(9))) == 429
    assert is_allowed(await world.get("/", cookie, guess(9)))


async def test_a_token_that_the_store_could_not_be_asked_about_is_not_counted(world: World) -> None:
    world.store.down = True
    assert [status(await world.get("/", guess(number))) for number in range(5)] == [503] * 5
    world.store.down = False
    assert status(await world.get("/", guess(9))) == 401


async def test_guesses_on_a_public_route_count_where_they_are_looked_up(world: World) -> None:
    answers = [await world.get("/", guess(number), host=OPEN) for number in range(5)]
    assert [is_allowed(answer) for answer in answers] == [True] * 3 + [False] * 2
    assert status(answers[4]) == 429
    assert world.store.lookups == 3


async def test_an_authorization_for_the_upstream_of_a_public_route_is_not_counted(world: World) -> None:
    for _ in range(9):
        assert is_allowed(await world.get("/", ("authorization", "Basic YTpi"), host=OPEN))


async def test_what_is_for_the_upstream_is_neither_counted_nor_kept_out(world: World) -> None:
    """An application has tokens of its own; who guesses behind the same address does not take it from others."""
    cookie = ("cookie", f"__Host-_pomerium={await world.sign_in()}")
    for number in range(9):
        assert status(await world.get("/", ("authorization", f"Bearer of-the-application-{number}"))) == 401
    for number in range(5):
        await world.get("/", guess(number))
    assert status(await world.get("/", guess(9))) == 429
    assert is_allowed(await world.get("/", cookie, ("authorization", "Bearer of-the-application")))
    assert is_allowed(await world.get("/", ("authorization", "Basic YTpi"), host=OPEN))


async def test_grpc_is_told_in_its_own_words(world: World) -> None:
    for number in range(3):
        await world.get("/", guess(number), ("content-type", "application/grpc"))
    answer = await world.get("/", guess(4), ("content-type", "application/grpc"))
    headers = {header.header.key: header.header.value for header in answer.denied_response.headers}
    assert headers["grpc-status"] == "8"


async def test_an_unknown_an_expired_and_a_revoked_token_cost_the_same_lookup_and_get_the_same_answer(
    world: World,
) -> None:
    world.model = MODEL
    wanted = Wanted("robot", world.now + HOUR)
    expired, revoked = (new_service_account(wanted, world.entropy(16), world.entropy(32), world.now) for _ in range(2))
    for issued in (expired, revoked):
        await world.store.save_sign_in(issued.session, issued.user, issued.handle)
    await world.store.end_session(revoked.session.id, world.now)
    world.now += 2 * HOUR
    answers, lookups = [], []
    for token in (expired.token, revoked.token, "osa_" + "x" * (len(expired.token) - 4)):
        before = world.store.lookups
        answer = await world.get("/", ("x-pomerium-authorization", token), ("x-request-id", "same"))
        answers.append(answer.SerializeToString(deterministic=True))
        lookups.append(world.store.lookups - before)
    assert lookups == [1, 1, 1]
    assert len({*answers}) == 1


async def test_in_a_mesh_our_endpoints_count_by_the_address_that_envoy_saw(world: World) -> None:
    forged = ("x-envoy-external-address", "203.0.113.99")
    answers = [await world.get("/.pomerium/sign_in", forged, host=AUTH) for _ in range(4)]
    assert [status(answer) for answer in answers] == [400] * 3 + [429]
    assert status(await world.get("/.pomerium/sign_in", host=AUTH, address=OTHER_CLIENT)) == 400
