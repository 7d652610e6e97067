"""Each implementation against the contract."""

import pytest

from session_store.memory import InMemoryStore
from session_store.repository import SessionStore
from tests.session_store.contract import StoreContract


class TestInMemory(StoreContract):
    """`memory://`."""

    @pytest.fixture
    async def store(self) -> SessionStore:
        return InMemoryStore()


class TestSqlite(StoreContract):
    """`sqlite:///`."""

    @pytest.fixture
    async def store(self, sqlite: SessionStore) -> SessionStore:
        return sqlite
