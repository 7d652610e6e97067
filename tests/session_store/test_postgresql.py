"""PostgreSQL against the contract, and what is its own: nothing is migrated on the way."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import create_engine, make_url, text

from session_store.migrations.revisions import head
from session_store.open import migrate, open_store, pending
from session_store.repository import SchemaMismatch, SessionStore
from session_store.sealing import Sealer
from tests.session_store.contract import StoreContract
from tests.session_store.postgresql import postgresql_server
from tests.session_store.samples import STORE_KEY


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql_server() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    """The URL of an empty database."""
    name = f"test_{secrets.token_hex(4)}"
    admin = make_url(server.format(database="postgres")).set(drivername="postgresql+psycopg")
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.format(database=name)


class TestPostgresql(StoreContract):
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


async def _open(url: str) -> SessionStore:
    return await open_store(url, sealer=Sealer.single(STORE_KEY), entropy=os.urandom)
