"""The forms of `session_store_url`."""

import os
from importlib import util
from pathlib import Path

import pytest

from session_store.address import InMemory, PostgresqlServer, SqliteFile, StoreUrlInvalid, parse_store_url
from session_store.memory import InMemoryStore
from session_store.open import open_store
from session_store.sealing import Sealer
from tests.session_store.samples import STORE_KEY


def test_known_forms() -> None:
    assert parse_store_url("memory://") == InMemory()
    assert parse_store_url("sqlite:///state/a b.sqlite3") == SqliteFile(Path("state/a b.sqlite3"))
    assert parse_store_url("sqlite:////var/lib/x.sqlite3") == SqliteFile(Path("/var/lib/x.sqlite3"))
    server = parse_store_url("postgres://anna:geheim@db/ostiary")
    assert isinstance(server, PostgresqlServer)
    assert server.url.get_backend_name() == "postgresql"
    assert "geheim" not in repr(server)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "give `sqlite:///path`"),
        ("redis://anna:geheim@db/0", "`redis` is no session store"),
        ("memory:", "give `sqlite:///path`"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "give `memory://`"),
        ("sqlite://state/x.sqlite3", "takes a path alone"),
        ("sqlite:///x.sqlite3?mode=ro", "takes a path alone"),
        ("postgresql://anna:geheim@db:port/x", "give `sqlite:///path`"),
    ],
)
def test_anything_else_is_refused_without_repeating_it(text: str, message: str) -> None:
    with pytest.raises(StoreUrlInvalid, match=message) as caught:
        parse_store_url(text)
    assert "geheim" not in str(caught.value)


async def test_memory_opens() -> None:
    opened = await open_store("memory://", sealer=Sealer.single(STORE_KEY), entropy=os.urandom)
    assert isinstance(opened, InMemoryStore)


async def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "session_store.open.find_spec", lambda name: None if name == "psycopg" else util.find_spec(name)
    )
    with pytest.raises(StoreUrlInvalid, match=r"install `ostiary\[postgres\]`"):
        await open_store("postgresql://db/x", sealer=Sealer.single(STORE_KEY), entropy=os.urandom)
