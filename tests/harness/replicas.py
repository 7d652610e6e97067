"""Two decision services on one PostgreSQL, behind one Envoy that asks them in turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from session_store.open import migrate
from tests.harness import parts
from tests.harness.ostiary_process import Ostiary, ostiary
from tests.harness.ports import LOOPBACK, free_ports
from tests.harness.postgresql import Postgresql, postgresql_server
from tests.harness.processes import Process, running
from tests.harness.stack import Stack, surroundings

EXAMPLE = Path(__file__).parents[2] / "deploy" / "mesh" / "envoy.yaml"


@dataclass(frozen=True, slots=True)
class Replicas:
    """A running whole."""

    stack: Stack
    """The whole; its `ostiary` is the first decision service."""
    other: Ostiary
    """The second one."""
    database: Postgresql
    """The server, to be stopped and started."""
    store_url: str
    """The database that both use."""


@contextmanager
def running_replicas(folder: Path) -> Iterator[Replicas]:
    """Run everything on free ports, with everything it writes in `folder`."""
    parts.envoy()
    with postgresql_server() as database:
        store_url = database.new_database()
        with replicas_on(folder, store_url) as (stack, other):
            yield Replicas(stack, other, database, store_url)


@contextmanager
def replicas_on(folder: Path, store_url: str) -> Iterator[tuple[Stack, Ostiary]]:
    """The same on an empty database that runs already: the whole with the first service in it, and the second one."""
    executable = parts.envoy()
    migrate(store_url)
    with surroundings(folder, settings={"session_store_url": store_url}) as world:
        checks = free_ports(2)
        envoy_file = folder / "envoy.yaml"
        certificate = (world.certificate.chain, world.certificate.key)
        envoy_file.write_text(yaml.safe_dump(_envoy(world.port, checks, world.app.port, certificate)), "utf-8")
        command: list[str | Path] = [executable, "-c", envoy_file, "--concurrency", "1", "--disable-hot-restart"]
        homes = [folder / name for name in ("one", "other")]
        for home in homes:
            home.mkdir()
        configs = [{**world.config, "services": _services(check)} for check in checks]
        with (
            ostiary(homes[0], configs[0], verb="extauthz") as one,
            ostiary(homes[1], configs[1], verb="extauthz") as other,
            running(Process.start("envoy", command, folder=folder)) as envoy,
        ):
            envoy.wait_for_line("starting main dispatch loop")
            yield world.around(one), other


def _services(check: int) -> dict[str, str]:
    xds, web = free_ports(2)
    ports = {"xds_address": xds, "check_address": check, "web_address": web}
    return {name: f"{LOOPBACK}:{port}" for name, port in ports.items()}


def _envoy(port: int, checks: list[int], app: int, certificate: tuple[Path, Path]) -> Any:
    """The example that we ship, on other ports, with TLS, and with two addresses of the decision service."""
    config = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    (listener,) = config["static_resources"]["listeners"]
    listener["address"]["socket_address"]["port_value"] = port
    files = {"certificate_chain": {"filename": str(certificate[0])}, "private_key": {"filename": str(certificate[1])}}
    listener["filter_chains"][0]["transport_socket"] = {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {"tls_certificates": [files]},
        },
    }
    for cluster in config["static_resources"]["clusters"]:
        ports = checks if cluster["name"] == "ostiary" else [app]
        cluster["load_assignment"]["endpoints"] = [
            {"lb_endpoints": [{"endpoint": {"address": _address(each)}} for each in ports]}
        ]
    return config


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}
