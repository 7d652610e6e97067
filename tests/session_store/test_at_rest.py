"""What someone who holds the database files can read, and what they can move."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from session_store.key_generation import generate_signing_key
from session_store.open import open_store
from session_store.records import Tokens
from session_store.repository import SessionStore
from session_store.sealing import Sealer
from tests.session_store.samples import (
    ANNA,
    BERT,
    HOUR,
    NOW,
    STORE_KEY,
    TOKENS,
    handle,
    session,
    signing_key,
    unless_kept,
)

COOKIE = "cookie-value-of-256-random-bits"


async def test_the_files_hold_neither_cookies_nor_tokens_nor_private_keys(sqlite: SessionStore, path: Path) -> None:
    key = generate_signing_key(NOW)
    await sqlite.save_sign_in(session(), ANNA, handle(COOKIE))
    await sqlite.change_signing_keys(unless_kept(key), NOW)
    await sqlite.claim_once("ticket", "the-ticket-value", NOW + HOUR, NOW)

    files = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert f"{path.name}-wal" in files
    dump = b"".join(files.values())

    assert b"anna@example.com" in dump  # the search finds what is there
    private_lines = [line for line in key.private_pem.reveal().splitlines() if b"-----" not in line]
    secrets = [COOKIE.encode(), b"the-ticket-value", b"PRIVATE KEY", *private_lines, *_reveal(TOKENS)]
    assert [secret for secret in secrets if secret in dump] == []


async def test_files_and_folder_are_for_their_owner_alone(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


async def test_a_token_moved_to_another_session_does_not_open(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session("s1"), ANNA, handle())
    await sqlite.save_sign_in(session("s2", BERT), BERT, handle("cookie-2", session_name="s2"))
    with _database(path) as database:
        database.execute(
            "UPDATE sessions SET access_token = (SELECT access_token FROM sessions WHERE id = 'session-s1')"
            " WHERE id = 'session-s2'"
        )
    assert await sqlite.find_session("session-s1", NOW)
    assert await sqlite.find_session("session-s2", NOW) is None


async def test_a_token_moved_to_another_field_does_not_open(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    with _database(path) as database:
        database.execute("UPDATE sessions SET access_token = refresh_token")
    assert await sqlite.find_session("session-s1", NOW) is None


async def test_a_session_that_does_not_open_can_still_be_ended(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    with _database(path) as database:
        database.execute("UPDATE sessions SET access_token = x'00'")
    ended = await sqlite.end_session("session-s1", NOW)
    assert ended
    assert ended.session.tokens == Tokens()
    assert [change.subject for change in await sqlite.changes_since(0)] == ["session-s1"]


async def test_a_signing_key_moved_to_another_kid_is_not_used(sqlite: SessionStore, path: Path) -> None:
    await sqlite.change_signing_keys(unless_kept(signing_key("a")), NOW)
    with _database(path) as database:
        database.execute("UPDATE signing_keys SET kid = 'kid-b'")
    assert list(await sqlite.signing_keys()) == []


async def test_with_another_secret_sessions_are_over_and_a_new_key_is_taken(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    await sqlite.change_signing_keys(unless_kept(signing_key("a")), NOW)
    await sqlite.close()

    other = await open_store(f"sqlite:///{path}", sealer=Sealer.single(b"o" * 32), entropy=os.urandom)
    try:
        assert await other.find_session("session-s1", NOW) is None
        assert list(await other.change_signing_keys(unless_kept(signing_key("b")), NOW)) == [signing_key("b")]
    finally:
        await other.close()


async def test_with_a_ring_of_old_and_new_key_nothing_is_lost(sqlite: SessionStore, path: Path) -> None:
    await sqlite.save_sign_in(session(), ANNA, handle())
    await sqlite.close()

    ring = Sealer.ring(b"o" * 32, STORE_KEY)
    other = await open_store(f"sqlite:///{path}", sealer=ring, entropy=os.urandom)
    try:
        found = await other.find_session("session-s1", NOW)
        assert found
        assert found.session.tokens == TOKENS
    finally:
        await other.close()


@pytest.mark.parametrize("text", ["lone \ud800 surrogate"])
async def test_no_error_repeats_what_was_to_be_written(sqlite: SessionStore, text: str) -> None:
    bad = type(ANNA)(issuer=ANNA.issuer, id=text)
    with pytest.raises(Exception, match="not Unicode") as caught:
        await sqlite.save_sign_in(session(user=bad), bad, handle(COOKIE))
    assert "surrogate" not in str(caught.value)


def _reveal(tokens: Tokens) -> Iterator[bytes]:
    for token in (tokens.access_token, tokens.refresh_token, tokens.id_token):
        assert token
        yield token.reveal()


@contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection
