"""Deleting twenty thousand expired rows while others use the store."""

import asyncio
import time

from sqlalchemy import create_engine, make_url, text

from extauthz.workers.lease import Lease
from extauthz.workers.purge import CHORE, PurgeWorker
from session_store.repository import SessionStore
from tests.session_store.samples import DAY, HOUR, MINUTE, NOW

EXPIRED = 20_000
LATER = NOW + HOUR
ONE_TO_MANY = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
"""


def fill(url: str) -> None:
    """Write expired marks and sessions, half of each, over a blocking driver."""
    engine = create_engine(make_url(url))
    blob = "CAST(CAST(n AS TEXT) AS BLOB)" if engine.dialect.name == "sqlite" else "CAST(n AS TEXT)::bytea"
    with engine.begin() as connection:
        count = {"count": EXPIRED // 2, "past": NOW.replace(tzinfo=None) if engine.dialect.name == "sqlite" else NOW}
        marks = f"INSERT INTO used_once {ONE_TO_MANY} SELECT 'ticket', {blob}, :past FROM numbers"
        person = "INSERT INTO users (issuer, id, email, name, claims) VALUES ('i', 'u', '', '', '{}')"
        columns = "id, issuer, user_id, provider_id, provider_session, created, last_seen, expires, claims, version"
        rows = "'old-' || n, 'i', 'u', 'main', '', :past, :past, :past, '{}', 0"
        connection.execute(text(marks), count)
        connection.execute(text(person))
        connection.execute(text(f"INSERT INTO sessions ({columns}) {ONE_TO_MANY} SELECT {rows} FROM numbers"), count)
    engine.dispose()


async def slowest_neighbour(store: SessionStore) -> float:
    """Purge everything; return how long, in seconds, the slowest of many small writes beside it took."""
    worker = PurgeWorker(Lease(store, CHORE, "one", lambda: LATER))
    purging = asyncio.create_task(worker.round())
    slowest, number = 0.0, 0
    while not purging.done():
        number += 1
        began = time.monotonic()
        assert await store.claim_once("neighbour", str(number), LATER + DAY, LATER)
        await store.touch("session-s1", LATER + number * MINUTE / 1000)
        slowest = max(slowest, time.monotonic() - began)
        await asyncio.sleep(0)
    assert await purging == EXPIRED
    print(f"\n{number} times two writes beside the deletion of {EXPIRED} rows: slowest {slowest * 1000:.0f} ms")
    return slowest
