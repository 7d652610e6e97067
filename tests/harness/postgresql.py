"""A PostgreSQL server of our own, for the time of a test module, on a Unix socket alone."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from tests.harness import parts
from tests.harness.processes import Process

UNPRIVILEGED = "nobody"
"""Who runs the server when the tests run as root, whom PostgreSQL refuses."""


@dataclass(slots=True)
class Postgresql:
    """A server that can be stopped and started again; its data stay."""

    folder: Path
    """Where data, socket and log lie."""
    command: list[str | Path]
    """What starts it."""
    process: Process
    """The running server, or the one that ran last."""

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{secrets.token_hex(4)}"
        engine = create_engine(make_url(self.url("postgres")).set(drivername="postgresql+psycopg"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url(name)

    def dump(self, url: str) -> str:
        """Return what `pg_dump` writes of a database."""
        command: list[str | Path] = [programs() / "pg_dump", "--dbname", url]
        done = subprocess.run(command, check=True, capture_output=True, timeout=50)
        return done.stdout.decode()

    def stop(self) -> None:
        """Stop it as an administrator does who does not wait (`pg_ctl stop -m immediate`): connections break."""
        self.process.signal(signal.SIGQUIT)
        self.process.wait_for_end()

    def start(self) -> None:
        """Start it again and return once it takes connections."""
        self.process = started(self.folder, self.command)


@contextmanager
def postgresql_server() -> Iterator[Postgresql]:
    """Run a server for the time of the block; without PostgreSQL or its driver the test is skipped."""
    found = programs()
    with tempfile.TemporaryDirectory(prefix="pg-") as name:  # short, because it becomes part of a socket's path
        folder = Path(name)
        owner = as_owner(folder)
        data = folder / "data"
        initdb: list[str | Path] = [*owner, found / "initdb", "-D", data, "-U", "postgres", "-A", "trust"]
        subprocess.run([*initdb, "--no-sync"], check=True, capture_output=True, timeout=50, cwd=folder)
        command: list[str | Path] = [*owner, found / "postgres", "-D", data, "-k", folder, "-h", "", "-F"]
        server = Postgresql(folder, command, started(folder, command))
        try:
            yield server
        finally:
            server.process.stop()


def started(folder: Path, command: list[str | Path], ready: str = "connections") -> Process:
    """Start a server; return once it says that it is ready to accept `ready`."""
    process = Process.start("postgres", command, folder=folder, cwd=folder)
    try:
        process.wait_for_line(f"ready to accept {ready}")
    except BaseException:
        process.stop()
        raise
    return process


def programs() -> Path:
    """The folder of the server's programs; Debian keeps them out of PATH. Without them or the driver, skip the test."""
    if find_spec("psycopg") is None:
        parts.missing("PostgreSQL's driver", "install the extra `ostiary[postgres]`")
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (packaged[-1] if packaged else None)
    if found is None:
        parts.missing("PostgreSQL", "install Debian's package `postgresql`")
    return Path(found).resolve().parent


def as_owner(folder: Path) -> list[str]:
    """What to put before a command so that the folder's owner runs it, who must not be root."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, UNPRIVILEGED)
    return ["setpriv", f"--reuid={UNPRIVILEGED}", "--clear-groups", "--pdeathsig=TERM", "--"]
