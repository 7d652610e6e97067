"""What every test of the store starts from."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from session_store.open import open_store
from session_store.repository import SessionStore
from session_store.sealing import Sealer
from tests.session_store.samples import STORE_KEY

pytest.register_assert_rewrite(
    "tests.session_store.contract", "tests.session_store.contract_renewal", "tests.session_store.contract_keys"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database file of this test will be; neither it nor its folder exists yet."""
    return tmp_path / "state" / "sessions.sqlite3"


@pytest.fixture
async def sqlite(path: Path) -> AsyncIterator[SessionStore]:
    """Give a store on a fresh database file."""
    store = await open_store(f"sqlite:///{path}", sealer=Sealer.single(STORE_KEY), entropy=os.urandom)
    yield store
    await store.close()
