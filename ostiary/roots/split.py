"""`ostiary extauthz` and `ostiary control-plane`: one service each, at the addresses that `services` names."""

import structlog

from access_model.model import ServiceAddresses
from ostiary.installation import Installation
from ostiary.roots.control_plane import control_plane_service
from ostiary.roots.decision_service import decision_service
from ostiary.roots.reload import Reloader
from ostiary.roots.supervision import until_signal
from service_kit.addresses import parse_address

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
    check, web = parse_address(where.check), parse_address(where.web)
    async with decision_service(installation, check=check, web=web) as service:
        log.info("ready", check=str(check), web=str(web), routes=len(installation.model.routes))
        await until_signal([Reloader(installation.file, installation.loaded, [service.prepare]).run()])


async def control_plane(installation: Installation) -> None:
    """Serve xDS until told to end."""
    where = addresses(installation)
    async with control_plane_service(
        installation, parse_address(where.xds), check=where.check, web=where.web
    ) as service:
        log.info("ready", xds=where.xds, routes=len(installation.model.routes))
        await until_signal([Reloader(installation.file, installation.loaded, [service.prepare]).run()])
