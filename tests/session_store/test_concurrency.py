"""Many callers, two stores, one file."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

from session_store.open import open_store
from session_store.repository import SessionStore
from session_store.sealing import Sealer
from tests.session_store.purging import fill, slowest_neighbour
from tests.session_store.samples import (
    ANNA,
    DAY,
    MINUTE,
    NOW,
    STORE_KEY,
    handle,
    session,
    signing_key,
    token_hash,
    unless_kept,
)


async def test_fifty_callers_on_two_stores_and_one_wins(sqlite: SessionStore, path: Path) -> None:
    other = await _open(path)
    try:
        for value in ("v1", "v2", "v3"):
            claims = [
                store.claim_once("ticket", value, NOW + MINUTE, NOW) for _ in range(25) for store in (sqlite, other)
            ]
            assert (await asyncio.gather(*claims)).count(True) == 1
    finally:
        await other.close()


async def test_an_end_in_one_store_is_seen_by_the_other_at_once(sqlite: SessionStore, path: Path) -> None:
    other = await _open(path)
    try:
        await sqlite.save_sign_in(session(), ANNA, handle())
        assert await other.find_by_handle(token_hash("cookie-1"), "app.example.com", NOW)
        await sqlite.end_session("session-s1", NOW)
        assert await other.find_by_handle(token_hash("cookie-1"), "app.example.com", NOW) is None
        assert not await other.add_handle(handle("cookie-2"))
    finally:
        await other.close()


async def test_two_stores_keep_one_signing_key(path: Path) -> None:
    stores = await asyncio.gather(*(_open(path) for _ in range(3)))
    try:
        kept = await asyncio.gather(
            *(
                store.change_signing_keys(unless_kept(signing_key(str(number))), NOW)
                for number, store in enumerate(stores)
            )
        )
        assert len({tuple(key.kid for key in keys) for keys in kept}) == 1
    finally:
        for store in stores:
            await store.close()


async def test_a_caller_that_gives_up_leaves_the_store_usable(sqlite: SessionStore) -> None:
    callers = [asyncio.create_task(sqlite.save_sign_in(session(), ANNA, handle())) for _ in range(1)]
    callers += [asyncio.create_task(sqlite.touch(f"session-{number}", NOW)) for number in range(20)]
    await asyncio.sleep(0)
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await sqlite.check()
    assert await sqlite.claim_once("ticket", "v", NOW + MINUTE, NOW)


async def test_twenty_thousand_expired_rows_go_and_nobody_waits_long(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(replace(session(), expires=NOW + DAY), ANNA, handle())
    await asyncio.to_thread(fill, f"sqlite:///{path}")
    assert await slowest_neighbour(sqlite) < 1


async def _open(path: Path) -> SessionStore:
    return await open_store(f"sqlite:///{path}", sealer=Sealer.single(STORE_KEY), entropy=os.urandom)
