"""Each implementation against the contract."""

import pytest

from session_store.memory import InMemoryStore
from session_store.repository import SessionStore
from tests.session_store.contract import StoreContract
from tests.session_store.contract_keys import RotationContract
from tests.session_store.contract_renewal import RenewalContract


class TestInMemory(StoreContract, RenewalContract, RotationContract):
    """`memory://`."""

    @pytest.fixture
    async def store(self) -> SessionStore:
        return InMemoryStore()


class TestSqlite(StoreContract, RenewalContract, RotationContract):
    """`sqlite:///`."""

    @pytest.fixture
    async def store(self, sqlite: SessionStore) -> SessionStore:
        return sqlite
