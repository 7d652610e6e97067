"""The stack with control plane, decision service and Envoy as processes of their own."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from control_plane.bootstrap import BootstrapSettings, render_bootstrap
from tests.harness import parts
from tests.harness.ostiary_process import ostiary
from tests.harness.ports import LOOPBACK, free_ports
from tests.harness.processes import Process, running
from tests.harness.stack import Stack, surroundings


@dataclass(frozen=True, slots=True)
class SplitStack:
    """A running whole whose parts can be stopped one by one."""

    stack: Stack
    """The whole; its `ostiary` is the decision service."""
    control_plane: Process
    """`ostiary control-plane`."""
    extauthz: Process
    """`ostiary extauthz`."""
    envoy: Process
    """Envoy, which no one restarts."""


@contextmanager
def running_split_stack(folder: Path) -> Iterator[SplitStack]:
    """Run every service by itself on free ports, with everything they write in `folder`."""
    executable = parts.envoy()
    xds, check, web, admin = (f"{LOOPBACK}:{port}" for port in free_ports(4))
    services = {"xds_address": xds, "check_address": check, "web_address": web}
    bootstrap = folder / "bootstrap.json"
    bootstrap.write_text(render_bootstrap(BootstrapSettings("split", "test", xds, admin)), "utf-8")
    command: list[str | Path] = [executable, "--config-path", bootstrap, "--concurrency", "1"]
    with (
        surroundings(folder, settings={"services": services}) as world,
        ostiary(folder, world.config, verb="control-plane") as control_plane,
        ostiary(folder, world.config, verb="extauthz") as extauthz,
        running(
            Process.start("envoy", [*command, "--disable-hot-restart", "--log-level", "warning"], folder=folder)
        ) as envoy,
    ):
        envoy.wait_until(lambda: _accepts(world.port), what="listening")
        yield SplitStack(world.around(extauthz), control_plane.process, extauthz.process, envoy)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
