"""The stack with control plane, decision service and Envoy as processes of their own."""

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from control_plane.bootstrap import BootstrapSettings, render_bootstrap
from tests.harness import parts
from tests.harness.ostiary_process import Ostiary, ostiary
from tests.harness.ports import LOOPBACK, free_ports
from tests.harness.processes import Process, running
from tests.harness.stack import Stack, surroundings

ADDRESSES = ("xds_address", "check_address", "web_address")


@dataclass(frozen=True, slots=True)
class SplitStack:
    """A running whole whose parts can be stopped one by one."""

    stack: Stack
    """The whole; its `ostiary` is the decision service."""
    control_plane: Ostiary
    """`ostiary control-plane`."""
    extauthz: Ostiary
    """`ostiary extauthz`."""
    envoy: Process
    """Envoy, which no one restarts."""
    admin: str
    """URL of Envoy's admin interface."""
    further_xds: Sequence[str] = ()
    """Addresses at which Envoy looks for a control plane besides."""


@contextmanager
def running_split_stack(
    folder: Path,
    *,
    settings: Mapping[str, Any] | None = None,
    tls: Mapping[str, Any] | None = None,
    further_xds: Sequence[str] = (),
) -> Iterator[SplitStack]:
    """Run every service by itself on free ports, with everything they write in `folder`.

    `settings` are those of `surroundings`. With `tls`, the keys of `services.tls`, services are reached as `localhost`,
    and what Envoy needs for that lies in `envoy_folder`.
    """
    executable = parts.envoy()
    with surroundings(folder, settings=settings) as around:
        # Chosen when the upstreams have theirs, so that no route leads to one of our own ports by chance.
        *ports, admin_port = free_ports(4)
        services: dict[str, Any] = dict(zip(ADDRESSES, (f"{_host(tls)}:{port}" for port in ports), strict=True))
        services |= {"tls": tls} if tls is not None else {}
        world = replace(around, config={**around.config, "services": services})
        admin = f"{LOOPBACK}:{admin_port}"
        bootstrap = folder / "bootstrap.json"
        envoy_folder = tls["envoy_folder"] if tls is not None else ""
        wanted = BootstrapSettings("split", "test", services["xds_address"], admin, envoy_folder=envoy_folder)
        bootstrap.write_text(_with_further(render_bootstrap(wanted), further_xds), "utf-8")
        command: list[str | Path] = [executable, "--config-path", bootstrap, "--concurrency", "1"]
        command += ["--disable-hot-restart", "--log-level", "warning"]
        with (
            ostiary(folder, world.config, verb="control-plane") as control_plane,
            ostiary(folder, world.config, verb="extauthz") as extauthz,
            running(Process.start("envoy", command, folder=folder)) as envoy,
        ):
            envoy.wait_until(lambda: _accepts(world.port), what="listening")
            yield SplitStack(world.around(extauthz), control_plane, extauthz, envoy, f"http://{admin}", further_xds)


def _host(tls: Mapping[str, Any] | None) -> str:
    """A name where a certificate has to bear it."""
    return LOOPBACK if tls is None else "localhost"


def _with_further(bootstrap: str, addresses: Sequence[str]) -> str:
    """Let the one cluster of a bootstrap have these endpoints besides, as a name with several addresses has."""
    values = json.loads(bootstrap)
    (cluster,) = values["static_resources"]["clusters"]
    (locality,) = cluster["load_assignment"]["endpoints"]
    for host, _, port in (address.rpartition(":") for address in addresses):
        address = {"socket_address": {"address": host, "port_value": int(port)}}
        locality["lb_endpoints"].append({"endpoint": {"address": address}})
    return json.dumps(values)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
