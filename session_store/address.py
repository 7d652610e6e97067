"""Reading `session_store_url`: which store, and where. Pure."""

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from session_store.repository import StoreError


class StoreUrlInvalid(StoreError, ValueError):
    """The URL names no store that this program knows; the message never holds the URL, which may hold a password."""

    code = "store-url"


DEFAULT_PORT = "5432"
_AUTHORITY = re.compile(r"(?P<scheme>[a-z]+://)(?P<user>(?:[^/?]*@)?)(?P<servers>[^/?@]*)(?P<rest>.*)")
_SERVER = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:,\[\]]+)(?::(?P<port>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class InMemory:
    """`memory://`: forgets everything at the end of the process."""


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """`sqlite:///relative` or `sqlite:////absolute`."""

    path: Path
    """The database file, percent-decoded."""


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """`postgresql://user:password@host/database`; for a failover with several servers,
    `postgresql://user@host1:5432,host2:5432/database?target_session_attrs=read-write` (libpq, "Connection URIs")."""

    url: URL
    """The whole URL; it prints without its password."""


StoreAddress = InMemory | SqliteFile | PostgresqlServer


def parse_store_url(text: str) -> StoreAddress:
    """Read a store URL. Raises `StoreUrlInvalid`."""
    if text == "memory://":
        return InMemory()
    try:
        one, servers = _take_servers(text)
        url = make_url(one).update_query_dict(servers)
    except (ArgumentError, ValueError):
        raise StoreUrlInvalid(_KNOWN_FORMS) from None
    if url.drivername == "sqlite":
        return _sqlite_file(url, has_options="?" in text)
    if url.drivername in {"postgresql", "postgres"}:
        return PostgresqlServer(url.set(drivername="postgresql"))
    raise StoreUrlInvalid(f"`{url.drivername}` is no session store: {_KNOWN_FORMS}")


_KNOWN_FORMS = "give `sqlite:///path`, `postgresql://user@host/database` or `memory://`"


def _take_servers(text: str) -> tuple[str, dict[str, str]]:
    """A URL without its servers, and those as SQLAlchemy has them in the query; a URL of one server stays as it is.

    Raises `ValueError`.
    """
    parts = _AUTHORITY.fullmatch(text)
    if parts is None or "," not in parts["servers"]:
        return text, {}
    servers = [_SERVER.fullmatch(each) for each in parts["servers"].split(",")]
    named = [server for server in servers if server is not None]
    if len(named) < len(servers):
        raise ValueError("this names no servers")
    hosts = ",".join(server["host"].strip("[]") for server in named)
    ports = ",".join(server["port"] or DEFAULT_PORT for server in named)
    return parts["scheme"] + parts["user"] + parts["rest"], {"host": hosts, "port": ports}


def _sqlite_file(url: URL, *, has_options: bool) -> SqliteFile:
    if url.host or has_options:
        raise StoreUrlInvalid(
            "a sqlite store takes a path alone: `sqlite:///relative/path` or `sqlite:////absolute/path`"
        )
    if url.database in {None, "", ":memory:"}:
        raise StoreUrlInvalid("a sqlite store needs a file; for one that forgets everything give `memory://`")
    return SqliteFile(Path(str(url.database)))
