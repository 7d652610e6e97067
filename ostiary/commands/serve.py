"""`ostiary run`, `ostiary extauthz`, `ostiary control-plane`: the services in the foreground."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import structlog
import typer

from control_plane.raw import RawResourcesInvalid
from control_plane.snapshot import SnapshotInconsistent
from control_plane.translate.secrets import NoCertificate
from extauthz.assertion.signing_key import SigningKeyInvalid
from extauthz.grpc_check.server import CheckServerFailed
from ostiary.commands.options import ConfigOption
from ostiary.commands.reading import read_or_exit
from ostiary.envoy_executable import EnvoyUnusable
from ostiary.external_data import DataUnusable
from ostiary.installation import Installation
from ostiary.roots import split
from ostiary.roots.control_plane import ControlPlaneFailed
from ostiary.roots.run import run_everything
from ostiary.roots.service_tls import TlsNeedsServicesApart
from ostiary.state import StateUnusable
from service_kit.children import ChildNotStarted
from service_kit.free_port import AddressTaken
from service_kit.garbage import uncollected
from service_kit.local_ca import LocalCaUnusable
from service_kit.logs import configure_logging
from service_kit.mutual_tls import TlsUnusable
from service_kit.web_server import WebServerFailed
from session_store.repository import StoreError

PART_FAILED = 3
# What an operator can mend: said in a sentence. Anything else is a fault of ours and keeps its traceback.
EXPECTED = (
    DataUnusable,
    AddressTaken,
    ChildNotStarted,
    CheckServerFailed,
    ControlPlaneFailed,
    EnvoyUnusable,
    LocalCaUnusable,
    NoCertificate,
    RawResourcesInvalid,
    SnapshotInconsistent,
    SigningKeyInvalid,
    StateUnusable,
    StoreError,
    TlsNeedsServicesApart,
    TlsUnusable,
    WebServerFailed,
    split.ServicesUnnamed,
)

LogLevel = Annotated[
    str | None, typer.Option("--log-level", help="debug, info, warning or error; beats `log_level` of the file.")
]


def run(config: ConfigOption, log_level: LogLevel = None) -> None:
    """Run everything on one configuration file: Envoy, control plane, decisions, pages, session store.

    Logs a line with the event `ready` when Envoy serves. The file is read again when it changes and on SIGHUP; one that
    is not right changes nothing. Ctrl-C or SIGTERM ends everything.
    """
    _serve(config, log_level, run_everything)


def extauthz(config: ConfigOption, log_level: LogLevel = None) -> None:
    """Run the decision service and its pages alone, for split deployments and for an Envoy mesh you already have.

    Listens where `services` says: point the ext_authz filter at `check_address` (gRPC).
    """
    _serve(config, log_level, split.extauthz)


def control_plane(config: ConfigOption, log_level: LogLevel = None) -> None:
    """Run the xDS control plane alone; Envoys connect to `services.xds_address`."""
    _serve(config, log_level, split.control_plane)


def _serve(
    config: ConfigOption, log_level: str | None, root: Callable[[Installation], Coroutine[Any, Any, None]]
) -> None:
    with uncollected(for_good=True):
        file, loaded = read_or_exit(config)
    configure_logging(log_level or loaded.model.log_level)
    log = structlog.get_logger("ostiary")
    log.info("starting", file=str(config), revision=loaded.model.revision, routes=len(loaded.model.routes))
    try:
        asyncio.run(root(Installation(file, loaded)))
    except EXPECTED as failure:
        log.error("failed", reason=str(failure), code=getattr(failure, "code", type(failure).__name__))
        raise typer.Exit(PART_FAILED) from None
    log.info("stopped")
