"""A PostgreSQL server of our own, for the time of a test module, on a Unix socket alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.processes import Process, running

UNPRIVILEGED = "nobody"
"""Who runs the server when the tests run as root, whom PostgreSQL refuses."""


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Give a URL with a place for `{database}`; skip where PostgreSQL or its driver is not installed."""
    pytest.importorskip("psycopg", reason="the extra `ostiary[postgres]` is not installed")
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="pg-") as name:  # short, because it becomes part of a socket's path
        folder = Path(name)
        as_owner = _as_owner(folder)
        data = folder / "data"
        initdb: list[str | Path] = [
            *as_owner,
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
        ]
        subprocess.run(initdb, check=True, capture_output=True, timeout=50, cwd=folder)
        command: list[str | Path] = [*as_owner, programs / "postgres", "-D", data, "-k", folder, "-h", "", "-F"]
        with running(Process.start("postgres", command, folder=folder, cwd=folder)) as server:
            server.wait_for_line("ready to accept connections")
            yield f"postgresql://postgres@/{{database}}?host={folder}"


def _programs() -> Path:
    """The folder of the server's programs; Debian keeps them out of PATH."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (packaged[-1] if packaged else None)
    if found is None:
        pytest.skip("PostgreSQL is not installed: its part of the contract suite did not run")
    return Path(found).resolve().parent


def _as_owner(folder: Path) -> list[str]:
    """What to put before a command so that the folder's owner runs it, who must not be root."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, UNPRIVILEGED)
    return ["setpriv", f"--reuid={UNPRIVILEGED}", "--clear-groups", "--pdeathsig=TERM", "--"]
