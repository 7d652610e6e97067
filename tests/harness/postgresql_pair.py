"""A PostgreSQL primary with a standby that follows it by streaming replication, both on loopback."""

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.harness.ports import LOOPBACK, free_ports
from tests.harness.postgresql import as_owner, programs, started
from tests.harness.processes import Process


@dataclass(frozen=True, slots=True)
class PostgresqlPair:
    """The two, reached under one URL. What the primary has acknowledged is on the standby, too."""

    primary: Process
    """Takes writes, until it is killed."""
    standby: Process
    """Takes reads, until it is promoted."""
    ports: tuple[int, int]
    """Where they listen."""

    @property
    def url(self) -> str:
        """The URL that names both, as libpq has it."""
        servers = ",".join(f"{LOOPBACK}:{port}" for port in self.ports)
        return f"postgresql://postgres@{servers}/postgres?target_session_attrs=read-write"

    def kill_primary(self) -> None:
        """Let it die without a word."""
        self.primary.signal(signal.SIGQUIT)
        self.primary.wait_for_end()

    def promote_standby(self) -> None:
        """Make the standby the primary; return once it is."""
        with _connected(self.ports[1]) as connection:
            connection.execute("SELECT pg_promote(wait => true)")


@contextmanager
def postgresql_pair() -> Iterator[PostgresqlPair]:
    """Run both for the time of the block; without PostgreSQL or its driver the test is skipped."""
    found = programs()
    ports = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="pg-") as name, ExitStack() as running:
        folder = Path(name)
        owner = as_owner(folder)
        data = [folder / "primary", folder / "standby"]
        _run([*owner, found / "initdb", "-D", data[0], "-U", "postgres", "-A", "trust", "--no-sync"], folder)
        command: list[str | Path] = [*owner, found / "postgres", "-k", folder, "-h", LOOPBACK, "-F"]
        primary = started(folder, [*command, "-D", data[0], "-p", str(ports[0])])
        running.callback(primary.stop)
        copy: list[str | Path] = [*owner, found / "pg_basebackup", "-D", data[1], "--no-sync", "-R", "-c", "fast"]
        _run([*copy, "-h", LOOPBACK, "-p", str(ports[0]), "-U", "postgres"], folder)
        standby = started(folder, [*command, "-D", data[1], "-p", str(ports[1])], "read-only connections")
        running.callback(standby.stop)
        _wait_for_standby(ports[0])
        yield PostgresqlPair(primary, standby, (ports[0], ports[1]))


def _wait_for_standby(port: int) -> None:
    """From now on a commit waits for the standby."""
    with _connected(port) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        connection.execute("SELECT pg_reload_conf()")


def _connected(port: int) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(f"postgresql://postgres@{LOOPBACK}:{port}/postgres", autocommit=True)


def _run(command: list[str | Path], folder: Path) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=50, cwd=folder)
