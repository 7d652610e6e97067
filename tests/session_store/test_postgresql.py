"""PostgreSQL against the contract, and what is its own: nothing is migrated on the way."""

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import make_url, text

from session_store.key_generation import generate_signing_key
from session_store.migrations.revisions import head
from session_store.open import migrate, open_store, pending, waker_of
from session_store.repository import SchemaMismatch, SessionStore, StoreUnavailable
from session_store.sealing import Sealer
from session_store.sql.engine import connect
from session_store.sql.tables import metadata
from tests.harness.postgresql import Postgresql, postgresql_server
from tests.session_store.contract import StoreContract
from tests.session_store.contract_keys import RotationContract
from tests.session_store.contract_renewal import RenewalContract
from tests.session_store.purging import fill, slowest_neighbour
from tests.session_store.samples import (
    ANNA,
    DAY,
    MINUTE,
    NOW,
    STORE_KEY,
    TOKENS,
    handle,
    keeping,
    session,
    token_hash,
)

COOKIE = "cookie-value-of-256-random-bits"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgresql]:
    with postgresql_server() as running:
        yield running


@pytest.fixture
def url(server: Postgresql) -> str:
    """The URL of an empty database."""
    return server.new_database()


class TestPostgresql(StoreContract, RenewalContract, RotationContract):
    """`postgresql://`."""

    @pytest.fixture
    async def store(self, url: str) -> AsyncIterator[SessionStore]:
        migrate(url)
        store = await _open(url)
        yield store
        await store.close()


async def test_a_server_is_migrated_by_command_only(url: str) -> None:
    with pytest.raises(SchemaMismatch, match="run `ostiary db migrate`"):
        await _open(url)
    assert pending(url)[-1] == head()
    assert migrate(url)[-1] == head()
    assert (pending(url), migrate(url)) == ([], [])
    await (await _open(url)).close()


def test_the_migrated_schema_is_the_one_the_program_declares(url: str) -> None:
    migrate(url)
    engine = connect(make_url(url))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_a_change_elsewhere_wakes_a_listener_at_once(url: str) -> None:
    migrate(url)
    one, other = await _open(url), await _open(url)
    loop = asyncio.get_running_loop()
    try:
        await one.save_sign_in(session(), ANNA, handle())
        waker = waker_of(other)
        await waker.wait()  # nothing has changed: it returns by itself, and listens from now on
        waiting = asyncio.create_task(waker.wait())
        began = loop.time()
        await one.end_session("session-s1", NOW)
        await waiting
        assert [change.subject for change in await other.changes_since(0)] == ["session-s1"]
        assert loop.time() - began < 0.4
    finally:
        await one.close()
        await other.close()


async def test_a_server_that_was_away_is_used_again_without_a_failure(server: Postgresql, url: str) -> None:
    migrate(url)
    store = await _open(url)
    try:
        await store.save_sign_in(session(), ANNA, handle())
        await waker_of(store).wait()
        server.stop()
        with pytest.raises(StoreUnavailable):
            await store.find_session("session-s1", NOW)
        await waker_of(store).wait()  # it polls
        server.start()
        assert await store.find_session("session-s1", NOW)
        await waker_of(store).wait()
    finally:
        await store.close()


async def test_twenty_thousand_expired_rows_go_and_nobody_waits_long(url: str) -> None:
    migrate(url)
    store = await _open(url)
    try:
        await store.save_sign_in(replace(session(), expires=NOW + DAY), ANNA, handle())
        await asyncio.to_thread(fill, url.replace("postgresql://", "postgresql+psycopg://"))
        assert await slowest_neighbour(store) < 1
    finally:
        await store.close()


async def test_a_purge_does_not_wait_for_who_works_on_a_row(url: str) -> None:
    migrate(url)
    store = await _open(url)
    engine = connect(make_url(url))
    try:
        for number in range(5):
            await store.claim_once("ticket", str(number), NOW + MINUTE, NOW)
        with engine.begin() as connection:
            held = "SELECT * FROM used_once WHERE ctid = (SELECT min(ctid) FROM used_once) FOR UPDATE"
            assert len(connection.execute(text(held)).all()) == 1
            assert await store.purge(NOW + MINUTE) == 4
        assert await store.purge(NOW + MINUTE) == 1
    finally:
        engine.dispose()
        await store.close()


async def test_a_dump_holds_neither_cookies_nor_tokens_nor_private_keys(server: Postgresql, url: str) -> None:
    migrate(url)
    store = await _open(url)
    key = generate_signing_key(NOW)
    try:
        await store.save_sign_in(session(), ANNA, handle(COOKIE))
        await store.change_signing_keys(keeping(key), NOW)
        await store.claim_once("ticket", "the-ticket-value", NOW + DAY, NOW)
        dump = await asyncio.to_thread(server.dump, url)
    finally:
        await store.close()
    assert "anna@example.com" in dump  # the search finds what is there
    assert token_hash(COOKIE).hex() in dump
    private_lines = [line for line in key.private_pem.reveal().splitlines() if b"-----" not in line]
    tokens = [each.reveal() for each in (TOKENS.access_token, TOKENS.refresh_token, TOKENS.id_token) if each]
    secrets = [COOKIE.encode(), b"the-ticket-value", b"PRIVATE KEY", STORE_KEY, *private_lines, *tokens]
    spelt = {form for each in secrets for form in (each.decode(), each.hex(), b64encode(each).decode().rstrip("="))}
    assert [form for form in spelt if form in dump] == []


async def _open(url: str) -> SessionStore:
    return await open_store(url, sealer=Sealer.single(STORE_KEY), entropy=os.urandom)
