"""`ostiary run`: everything in one process tree, joined by Unix sockets in a private folder."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import structlog

from access_model.model import AccessModel, ServiceAddresses, origin_url
from control_plane.bootstrap import BootstrapSettings, render_bootstrap
from ostiary.envoy_executable import find_envoy
from ostiary.installation import Installation
from ostiary.roots.control_plane import control_plane_service
from ostiary.roots.decision_service import decision_service
from ostiary.roots.envoy import EnvoyProcess
from ostiary.roots.operations import new_operations, serving_operations
from ostiary.roots.reload import Reloader
from ostiary.roots.reload_record import ReloadRecord
from ostiary.roots.service_tls import TlsNeedsServicesApart
from ostiary.roots.supervision import until_signal
from service_kit.addresses import Address, TcpAddress, UnixAddress, parse_address
from service_kit.free_port import require_free
from service_kit.operations import Operations

NODE = "ostiary-run"
ADMIN_SECONDS = 5.0

log = structlog.get_logger(__name__)


async def run_everything(installation: Installation) -> None:
    """Start every part, announce when Envoy serves, follow the configuration, end all of it on a signal."""
    model = installation.model
    if model.service_tls is not None:
        raise TlsNeedsServicesApart(
            "`services.tls` is for services that run apart: start `ostiary control-plane` and `ostiary extauthz`,"
            " or leave it out"
        )
    executable = find_envoy(model.envoy)
    require_free(TcpAddress(model.listener.address, model.listener.port))
    if (redirect := model.listener.redirect) is not None:
        require_free(TcpAddress(redirect.address, redirect.port))
    with tempfile.TemporaryDirectory(prefix="ostiary-") as name:  # mode 0700
        folder = Path(name)
        where = model.services or private_addresses(folder)
        listening = where.listening
        check, web, xds = (parse_address(text) for text in (listening.check, listening.web, listening.xds))
        admin = model.envoy.admin_address or f"unix:{folder / 'admin.sock'}"
        bootstrap = folder / "bootstrap.json"
        bootstrap.write_text(render_bootstrap(BootstrapSettings(NODE, NODE, where.xds, admin)), encoding="utf-8")
        operations = new_operations()
        async with (
            decision_service(installation, check=check, web=web) as decisions,
            control_plane_service(installation, xds, operations, check=where.check, web=where.web) as control_plane,
            serving_operations(operations, installation, "run"),
            _admin_client(parse_address(admin)) as client,
        ):
            envoy = EnvoyProcess(executable, bootstrap, model.envoy, client, _pass_on, _health_of_envoy(operations))
            ready = asyncio.Event()
            record = ReloadRecord(operations.registry, model.revision)
            record.on_notice.append(control_plane.ledger.noticed)
            operations.describe("configuration", record.status)
            operations.describe("envoy", envoy.status)
            consumers = [decisions.prepare, control_plane.prepare]
            reloader = Reloader(installation.file, installation.loaded, consumers, record)
            await until_signal([envoy.run(ready), _announce(ready, model, operations), reloader.run()], operations)


def private_addresses(folder: Path) -> ServiceAddresses:
    """Unix sockets in a folder that nobody else can enter."""
    return ServiceAddresses(*(f"unix:{folder / name}.sock" for name in ("xds", "check", "web")))


async def _announce(ready: asyncio.Event, model: AccessModel, operations: Operations) -> None:
    await ready.wait()
    operations.started()
    urls = sorted({origin_url(route.origin) for route in model.routes if not route.origin.wildcard})
    listener = model.listener
    log.info("ready", address=f"{listener.address}:{listener.port}", routes=len(model.routes), urls=urls)
    await asyncio.Event().wait()


def _health_of_envoy(operations: Operations) -> Callable[[str], None]:
    return lambda reason: operations.failed("envoy", reason) if reason else operations.recovered("envoy")


def _pass_on(line: str) -> None:
    """Put a line of Envoy's access log, JSON already, beside our own."""
    sys.stderr.write(f"{line}\n")


@asynccontextmanager
async def _admin_client(address: Address) -> AsyncIterator[httpx.AsyncClient]:
    if isinstance(address, UnixAddress):
        transport = httpx.AsyncHTTPTransport(uds=str(address.path))
        base = "http://envoy"
    else:
        transport = httpx.AsyncHTTPTransport()
        base = f"http://{address}"
    async with httpx.AsyncClient(transport=transport, base_url=base, timeout=ADMIN_SECONDS) as client:
        yield client
