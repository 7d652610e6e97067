"""Reading `session_store_url`: which store, and where. Pure."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from session_store.repository import StoreError


class StoreUrlInvalid(StoreError, ValueError):
    """The URL names no store that this program knows; the message never holds the URL, which may hold a password."""

    code = "store-url"


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
    """`postgresql://user:password@host/database`."""

    url: URL
    """The whole URL; it prints without its password."""


StoreAddress = InMemory | SqliteFile | PostgresqlServer


def parse_store_url(text: str) -> StoreAddress:
    """Read a store URL. Raises `StoreUrlInvalid`."""
    if text == "memory://":
        return InMemory()
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise StoreUrlInvalid(_KNOWN_FORMS) from None
    if url.drivername == "sqlite":
        return _sqlite_file(url, has_options="?" in text)
    if url.drivername in {"postgresql", "postgres"}:
        return PostgresqlServer(url.set(drivername="postgresql"))
    raise StoreUrlInvalid(f"`{url.drivername}` is no session store: {_KNOWN_FORMS}")


_KNOWN_FORMS = "give `sqlite:///path`, `postgresql://user@host/database` or `memory://`"


def _sqlite_file(url: URL, *, has_options: bool) -> SqliteFile:
    if url.host or has_options:
        raise StoreUrlInvalid(
            "a sqlite store takes a path alone: `sqlite:///relative/path` or `sqlite:////absolute/path`"
        )
    if url.database in {None, "", ":memory:"}:
        raise StoreUrlInvalid("a sqlite store needs a file; for one that forgets everything give `memory://`")
    return SqliteFile(Path(str(url.database)))
