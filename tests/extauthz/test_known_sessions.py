"""Looking up: memory first, the store where memory may not be believed, and memory again while the store is away."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.extauthz.check.world import NOW, World, session_cookie, status

ALLOWED, UNAVAILABLE = 0, 503


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A service whose change feed was just read."""
    made = World()
    made.check.services.memory.fed(NOW)
    yield made
    await made.check.services.provider.aclose()


async def answer(world: World, cookie: str) -> int:
    return status(await world.get("/", session_cookie(cookie)))


async def test_a_known_session_costs_no_lookup(world: World) -> None:
    cookie = await world.sign_in()
    assert [await answer(world, cookie) for _ in range(5)] == [ALLOWED] * 5
    assert world.store.lookups == 1


async def test_without_a_fresh_feed_the_store_is_asked(world: World) -> None:
    cookie = await world.sign_in()
    await answer(world, cookie)
    world.now += timedelta(seconds=2)
    await answer(world, cookie)
    assert world.store.lookups == 2


async def test_what_was_forgotten_is_asked_for(world: World) -> None:
    cookie = await world.sign_in()
    await answer(world, cookie)
    await world.store.end_session("session-of-alice", world.now)
    world.check.services.memory.forget("session-of-alice")
    assert await answer(world, cookie) != ALLOWED


async def test_known_sessions_go_on_for_the_grace_and_no_longer(world: World) -> None:
    known, unknown = await world.sign_in(), "x" * 43
    await answer(world, known)
    world.store.down = True
    world.check.services.memory.cut()
    world.now += timedelta(seconds=30)
    assert [await answer(world, known), await answer(world, unknown)] == [ALLOWED, UNAVAILABLE]
    world.now += timedelta(seconds=1)
    assert await answer(world, known) == UNAVAILABLE


async def test_between_the_last_word_of_the_feed_and_its_loss_a_failing_store_is_excused(world: World) -> None:
    cookie = await world.sign_in()
    await answer(world, cookie)
    world.store.down = True
    world.now += timedelta(seconds=2)
    assert await answer(world, cookie) == ALLOWED


async def test_use_puts_off_the_idle_end_of_those_that_have_one(world: World) -> None:
    cookie = await world.sign_in()
    kept = world.store._sessions
    kept["session-of-alice"] = replace(kept["session-of-alice"], idle_end=NOW + timedelta(hours=1))
    world.now += timedelta(minutes=2)
    await answer(world, cookie)
    known = await world.store.find_session("session-of-alice", world.now)
    assert known
    assert known.session.idle_end == world.now + timedelta(hours=8)
