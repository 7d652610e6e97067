"""The demo's application as a child process."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.harness.processes import Process, running

APPLICATION = Path(__file__).parents[2] / "examples" / "demo" / "verify" / "app.py"


@dataclass(frozen=True, slots=True)
class VerifyApp:
    """A running application that judges the assertions it is sent."""

    url: str
    """Its base URL, for `to` of a route."""
    process: Process
    """The child process."""


@contextmanager
def verify_app(
    folder: Path,
    *,
    port: int = 0,
    jwks_url: str | None = None,
    authority: Path | None = None,
    public_hosts: Sequence[str] = (),
) -> Iterator[VerifyApp]:
    """Run the application; it fetches keys from `jwks_url`, by default from the host asked for."""
    command: list[str | Path] = [sys.executable, APPLICATION, "--port", str(port)]
    command += ["--jwks-url", jwks_url] if jwks_url else []
    command += ["--ca-file", authority] if authority else []
    for host in public_hosts:
        command += ["--public-host", host]
    with running(Process.start("verify", command, folder=folder)) as process:
        line = process.wait_for_line('{"listening":')
        yield VerifyApp(json.loads(line)["listening"], process)
