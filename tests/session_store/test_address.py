"""The forms of `session_store_url`."""

import os
from importlib import util
from pathlib import Path

import pytest
from sqlalchemy import create_engine

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
    ("servers", "hosts", "ports"),
    [
        ("db1:5433,db2:5434", "db1,db2", "5433,5434"),
        ("db1,db2:5434,db3", "db1,db2,db3", "5432,5434,5432"),
        ("[::1]:5433,[2001:db8::7]", "::1,2001:db8::7", "5433,5432"),
        ("192.0.2.1:1,db-2.example.com", "192.0.2.1,db-2.example.com", "1,5432"),
    ],
)
def test_several_servers_are_tried_in_turn(servers: str, hosts: str, ports: str) -> None:
    parsed = parse_store_url(f"postgresql://anna:ge%40heim@{servers}/ostiary?target_session_attrs=read-write")
    assert isinstance(parsed, PostgresqlServer)
    arguments = create_engine(parsed.url.set(drivername="postgresql+psycopg")).dialect.create_connect_args(parsed.url)
    expected = {
        "user": "anna",
        "password": "ge@heim",
        "dbname": "ostiary",
        "host": hosts,
        "port": ports,
        "target_session_attrs": "read-write",
    }
    assert {name: arguments[1][name] for name in expected} == expected


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
        ("postgresql://anna:geheim@db:1,db:port/x", "give `sqlite:///path`"),
        ("postgresql://anna:geheim@db:1,/x", "give `sqlite:///path`"),
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
