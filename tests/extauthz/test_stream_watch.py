"""How long a stream may go on, by whose right it was opened."""

import asyncio
from datetime import timedelta

import pytest

from extauthz.stream_watch import NOBODY, Opened, Over, until_over
from session_store.repository import StoreUnavailable
from tests.extauthz.web.world import World, a_model
from tests.session_store.samples import HOUR, SECOND

SOON = timedelta(milliseconds=10)


@pytest.fixture
async def world() -> World:
    """A session is looked at every few milliseconds."""
    return World(model=a_model(stream_recheck=SOON, store_grace=30 * SECOND))


async def watched(world: World) -> tuple[Opened, "asyncio.Task[Over]"]:
    await world.sign_in()
    (known,) = await world.store.sessions_of("https://id.example.com", "alice", world.now)
    opened = Opened(known.session.id)
    return opened, asyncio.create_task(until_over(world.services, opened))


async def goes_on(task: "asyncio.Task[Over]") -> bool:
    done, _ = await asyncio.wait({task}, timeout=0.1)
    return not done


async def test_it_goes_on_with_its_session_and_ends_with_it(world: World) -> None:
    opened, watching = await watched(world)
    assert await goes_on(watching)
    await world.store.end_session(opened.session_id, world.now)
    async with asyncio.timeout(1):
        assert await watching is Over.SESSION_ENDED


async def test_it_ends_when_the_session_s_time_is_up(world: World) -> None:
    _, watching = await watched(world)
    assert await goes_on(watching)
    world.now += 14 * HOUR
    async with asyncio.timeout(1):
        assert await watching is Over.SESSION_ENDED


async def test_while_the_store_is_away_it_goes_on_for_the_grace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, watching = await watched(world)
    assert await goes_on(watching)

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(world.store), "find_session", away)
    world.now += 30 * SECOND
    assert await goes_on(watching)
    world.now += SECOND
    async with asyncio.timeout(1):
        assert await watching is Over.STORE_AWAY


async def test_what_a_token_opened_ends_with_the_token(world: World) -> None:
    watching = asyncio.create_task(until_over(world.services, Opened(ends=world.now + HOUR)))
    assert await goes_on(watching)
    world.now += HOUR
    async with asyncio.timeout(1):
        assert await watching is Over.TOKEN_ENDED


async def test_what_nobody_opened_does_not_end(world: World) -> None:
    watching = asyncio.create_task(until_over(world.services, NOBODY))
    assert await goes_on(watching)
    watching.cancel()
