"""`ostiary extauthz` and `ostiary control-plane`: one service each, at the addresses that `services` names."""

from collections.abc import Callable

import structlog

from access_model.model import ServiceAddresses
from ostiary.installation import Installation
from ostiary.roots.control_plane import control_plane_service
from ostiary.roots.decision_service import decision_service
from ostiary.roots.operations import new_operations, serving_operations
from ostiary.roots.reload import Prepare, Reloader
from ostiary.roots.reload_record import ReloadRecord
from ostiary.roots.service_tls import mutual_tls_of, renewing
from ostiary.roots.supervision import until_signal
from service_kit.addresses import parse_address
from service_kit.operations import Operations

log = structlog.get_logger(__name__)


class ServicesUnnamed(Exception):
    """The file does not say where the services listen, so that apart they could not find each other."""

    code = "services-unnamed"


def addresses(installation: Installation) -> ServiceAddresses:
    """The configured addresses. Raises `ServicesUnnamed`."""
    services = installation.model.services
    if services is None:
        raise ServicesUnnamed(
            f"`{installation.file.path}` has no `services`: say where they listen, as in"
            " `services: {xds_address: 127.0.0.1:18000, check_address: 127.0.0.1:18001, web_address: 127.0.0.1:18002}`"
        )
    return services


async def extauthz(installation: Installation) -> None:
    """Serve decisions and web endpoints until told to end."""
    where = addresses(installation)
    check, web = parse_address(where.listening.check), parse_address(where.listening.web)
    tls = mutual_tls_of(installation.model)
    operations = new_operations()
    async with (
        serving_operations(operations, installation, "extauthz"),
        decision_service(installation, check=check, web=web, tls=tls) as service,
    ):
        reloader = _reloader(installation, operations, renewing(tls, service.prepare))
        operations.started()
        log.info("ready", check=str(check), web=str(web), routes=len(installation.model.routes))
        await until_signal([reloader.run()], operations)


async def control_plane(installation: Installation) -> None:
    """Serve xDS until told to end."""
    where = addresses(installation)
    xds = parse_address(where.listening.xds)
    tls = mutual_tls_of(installation.model)
    operations = new_operations()
    async with (
        control_plane_service(installation, xds, operations, check=where.check, web=where.web, tls=tls) as service,
        serving_operations(operations, installation, "control-plane"),
    ):
        reloader = _reloader(installation, operations, renewing(tls, service.prepare), service.ledger.noticed)
        operations.started()
        log.info("ready", xds=str(xds), routes=len(installation.model.routes))
        await until_signal([reloader.run()], operations)


def _reloader(
    installation: Installation, operations: Operations, prepare: Prepare, *on_notice: Callable[[], None]
) -> Reloader:
    record = ReloadRecord(operations.registry, installation.model.revision)
    record.on_notice.extend(on_notice)
    operations.describe("configuration", record.status)
    return Reloader(installation.file, installation.loaded, [prepare], record)
