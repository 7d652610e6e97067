"""The feed's reader: what one process changes, another forgets; and what an interruption means."""

from datetime import datetime

import pytest

from extauthz.session_memory import SessionMemory
from extauthz.workers.change_feed import ChangeFeed
from session_store.memory import InMemoryStore
from session_store.open import waker_of
from session_store.records import Change, KnownSession
from session_store.repository import StoreUnavailable
from tests.session_store.samples import ANNA, HOUR, NOW, handle, keeping, session, signing_key

HOST = "app.example.com"


class Store(InMemoryStore):
    """A store that can be away."""

    away = False

    async def changes_since(self, sequence: int, limit: int = 1000) -> "list[Change]":
        if self.away:
            raise StoreUnavailable("away")
        return list(await super().changes_since(sequence, limit))

    async def latest_change(self) -> int:
        if self.away:
            raise StoreUnavailable("away")
        return await super().latest_change()


class World:
    def __init__(self) -> None:
        self.now = NOW
        self.store = Store()
        self.memory = SessionMemory()
        self.feed = ChangeFeed(self.store, waker_of(self.store), self.memory, self.clock)

    def clock(self) -> datetime:
        return self.now

    async def sign_in(self, name: str) -> None:
        await self.store.save_sign_in(session(name), ANNA, handle(name, session_name=name))
        known = KnownSession(session(name), ANNA)
        self.memory.remember(name.encode(), HOST, known, self.memory.forgotten)

    def remembers(self, name: str) -> bool:
        return self.memory.recall(name.encode(), HOST, self.now) is not None


@pytest.fixture
async def world() -> World:
    made = World()
    await made.feed.read()
    return made


async def test_what_the_feed_names_is_forgotten(world: World) -> None:
    await world.sign_in("s1")
    await world.sign_in("s2")
    await world.store.end_session("session-s1", NOW)
    await world.feed.read()
    assert (world.remembers("s1"), world.remembers("s2")) == (False, True)
    assert world.memory.believed(NOW, HOUR)


async def test_many_changes_are_read_to_their_end(world: World) -> None:
    await world.sign_in("s1")
    for number in range(1500):
        await world.store.save_sign_in(session(f"x{number}"), ANNA, handle(f"{number}", session_name=f"x{number}"))
        await world.store.end_session(f"session-x{number}", NOW)
    await world.store.end_session("session-s1", NOW)
    await world.feed.read()
    assert not world.remembers("s1")


async def test_a_store_that_is_away_leaves_what_is_known_for_the_grace(world: World) -> None:
    await world.sign_in("s1")
    world.store.away = True
    await world.feed.read()
    assert world.remembers("s1")
    assert world.memory.believed(NOW + HOUR, HOUR)


async def test_behind_an_interruption_everything_is_asked_for_anew(world: World) -> None:
    await world.sign_in("s1")
    world.store.away = True
    await world.feed.read()
    await world.store.end_session("session-s1", NOW)
    world.store.away = False
    await world.feed.read()
    assert not world.remembers("s1")
    assert world.memory.believed(NOW, HOUR)


async def test_changed_keys_are_told_and_no_session_is_forgotten(world: World) -> None:
    told: list[str] = []
    world.feed.keys_changed = lambda: told.append("keys")
    await world.sign_in("s1")
    await world.store.change_signing_keys(keeping(signing_key("a")), NOW)
    await world.feed.read()
    assert (told, world.remembers("s1")) == (["keys"], True)


async def test_after_an_interruption_the_keys_may_be_others_too(world: World) -> None:
    told: list[str] = []
    world.feed.keys_changed = lambda: told.append("keys")
    world.store.away = True
    await world.feed.read()
    world.store.away = False
    await world.feed.read()
    assert told == ["keys"]
