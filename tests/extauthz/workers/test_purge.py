"""Deleting what has expired: by one of several processes, to the end, and in small batches."""

from datetime import datetime

from extauthz.workers.lease import LENGTH, Lease
from extauthz.workers.purge import BATCH, CHORE, PurgeWorker
from session_store.memory import InMemoryStore
from tests.session_store.samples import HOUR, MINUTE, NOW


class Store(InMemoryStore):
    """Remembers how much was deleted at a time."""

    batches: list[int]

    async def purge(self, now: datetime, limit: int = 500) -> int:
        deleted = await super().purge(now, limit)
        self.batches.append(deleted)
        return deleted


async def filled(marks: int) -> Store:
    store = Store()
    store.batches = []
    for number in range(marks):
        await store.claim_once("ticket", str(number), NOW + MINUTE, NOW)
    return store


def worker(store: Store, name: str = "one", now: datetime = NOW + HOUR) -> PurgeWorker:
    return PurgeWorker(Lease(store, CHORE, name, lambda: now))


async def test_all_goes_in_small_batches() -> None:
    store = await filled(2 * BATCH + 1)
    assert await worker(store).round() == 2 * BATCH + 1
    assert store.batches == [BATCH, BATCH, 1, 0]


async def test_of_two_workers_one_works() -> None:
    store = await filled(1)
    assert await worker(store).round() == 1
    store.batches.clear()
    assert await worker(store, "other").round() == 0
    assert store.batches == []
    assert await worker(store, "other", NOW + HOUR + LENGTH).round() == 0
    assert store.batches == [0]
