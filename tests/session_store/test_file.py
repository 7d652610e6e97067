"""A database file that is gone, replaced, garbage, read-only or locked: refused, and never written into the void."""

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from session_store.open import open_store
from session_store.repository import SessionStore, StoreUnavailable
from session_store.sealing import Sealer
from tests.session_store.samples import (
    ANNA,
    HOUR,
    NOW,
    STORE_KEY,
    handle,
    session,
    signing_key,
    token_hash,
    unless_kept,
)

ANSWER_WITHIN = 5.5

Call = Callable[[SessionStore], Awaitable[object]]
CALLS: dict[str, Call] = {
    "save_sign_in": lambda store: store.save_sign_in(session("s9"), ANNA, handle("cookie-9", session_name="s9")),
    "add_handle": lambda store: store.add_handle(handle("cookie-2")),
    "find_by_handle": lambda store: store.find_by_handle(token_hash("cookie-1"), "app.example.com", NOW),
    "find_session": lambda store: store.find_session("session-s1", NOW),
    "touch": lambda store: store.touch("session-s1", NOW),
    "end_session": lambda store: store.end_session("session-s1", NOW),
    "claim_once": lambda store: store.claim_once("ticket", "v", NOW + HOUR, NOW),
    "signing_keys": lambda store: store.signing_keys(),
    "change_signing_keys": lambda store: store.change_signing_keys(unless_kept(signing_key("a")), NOW),
    "changes_since": lambda store: store.changes_since(0),
    "purge": lambda store: store.purge(NOW),
    "check": lambda store: store.check(),
}
WRITES = ("save_sign_in", "add_handle", "touch", "end_session", "claim_once", "change_signing_keys", "purge")


def every(calls: Iterable[str] = tuple(CALLS)) -> pytest.MarkDecorator:
    """Run a test for each of these methods."""
    return pytest.mark.parametrize("method", calls)


@every()
async def test_without_its_file_no_method_answers(sqlite: SessionStore, path: Path, method: str) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    path.unlink()
    with pytest.raises(StoreUnavailable, match="is gone"):
        await CALLS[method](sqlite)
    assert not path.exists()


async def test_a_folder_removed_whole_is_no_different(sqlite: SessionStore, path: Path) -> None:
    shutil.rmtree(path.parent)
    with pytest.raises(StoreUnavailable, match="is gone"):
        await sqlite.check()
    assert not path.parent.exists()


@every()
async def test_another_file_in_its_place_is_not_taken_up(sqlite: SessionStore, path: Path, method: str) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    copy = path.with_name("copy")
    shutil.copyfile(path, copy)
    copy.replace(path)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="was replaced"):
        await CALLS[method](sqlite)
    assert path.read_bytes() == before


async def test_the_same_file_back_in_its_place_is_used_again(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    path.rename(path.with_name("aside"))
    with pytest.raises(StoreUnavailable):
        await sqlite.check()
    path.with_name("aside").rename(path)
    assert await sqlite.find_session("session-s1", NOW)


async def test_garbage_is_refused_at_open_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this was never a database\n" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        await _open(path)
    assert path.read_bytes() == b"this was never a database\n" * 100


async def test_garbage_written_over_a_running_database_is_noticed(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    await sqlite.close()  # the next call connects anew
    path.write_bytes(b"x" * 8192)
    with pytest.raises(StoreUnavailable):
        await sqlite.find_session("session-s1", NOW)


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        await _open(tmp_path)


async def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StoreUnavailable):
        await _open(tmp_path / "state" / "sessions.sqlite3")


async def test_a_read_only_database_is_refused_at_open(sqlite: SessionStore, path: Path) -> None:
    await sqlite.close()
    _make_read_only(path)
    with pytest.raises(StoreUnavailable, match="readonly"):
        await _open(path)


@every(WRITES)
async def test_a_database_that_becomes_read_only_refuses_writes(sqlite: SessionStore, path: Path, method: str) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    await sqlite.close()
    _make_read_only(path)
    with pytest.raises(StoreUnavailable):
        await CALLS[method](sqlite)


async def test_a_lock_held_elsewhere_is_waited_for_but_not_for_long(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert await sqlite.find_session("session-s1", NOW)  # readers do not wait for a writer
        with pytest.raises(StoreUnavailable):
            await sqlite.claim_once("ticket", "v", NOW + HOUR, NOW)
        assert time.monotonic() - began < ANSWER_WITHIN
        other.execute("ROLLBACK")
    assert await sqlite.claim_once("ticket", "v", NOW + HOUR, NOW)


async def test_a_file_that_vanishes_during_a_write_fails_that_write(sqlite: SessionStore, path: Path) -> None:
    await asyncio.gather(*(sqlite.find_session("session-s1", NOW) for _ in range(3)))  # connections are open
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(sqlite.claim_once("ticket", "v", NOW + HOUR, NOW))
        await sqlite.find_session("session-s1", NOW)  # by now the write has begun
        path.unlink()
        other.execute("ROLLBACK")
    with pytest.raises(StoreUnavailable, match="is gone"):
        await writing


async def test_sessions_outlive_the_process(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    await sqlite.close()
    again = await _open(path)
    try:
        assert await again.find_by_handle(token_hash("cookie-1"), "app.example.com", NOW)
    finally:
        await again.close()


async def test_a_relative_path_stays_what_it_was_when_the_working_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = await open_store("sqlite:///a b%3F%25#c.sqlite3", sealer=Sealer.single(STORE_KEY), entropy=os.urandom)
    try:
        assert (tmp_path / "a b?%#c.sqlite3").exists()
        monkeypatch.chdir("/")
        await store.check()
    finally:
        await store.close()


async def _open(path: Path) -> SessionStore:
    return await open_store(f"sqlite:///{path}", sealer=Sealer.single(STORE_KEY), entropy=os.urandom)


def _make_read_only(path: Path) -> None:
    """Raise the file format's write version beyond what SQLite knows, which makes it read-only even for root.

    https://www.sqlite.org/fileformat2.html#file_format_version_numbers
    """
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x03")
