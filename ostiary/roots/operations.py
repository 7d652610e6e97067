"""Where operators look after a process: opened before its other parts, so that a probe finds it while they start."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from prometheus_client import CollectorRegistry

from ostiary.installation import Installation
from service_kit.addresses import Address, parse_address
from service_kit.operations import Operations

log = structlog.get_logger(__name__)


def operations_address(installation: Installation, service: str) -> Address:
    """Where `service` answers operators. Raises ValueError where the default socket's path would be too long."""
    configured = installation.model.operations.health
    return parse_address(configured or f"unix:{installation.state_folder.absolute() / service}.sock")


@asynccontextmanager
async def serving_operations(operations: Operations, installation: Installation, service: str) -> AsyncIterator[None]:
    """Answer operators while the block runs. Raises `WebServerFailed`."""
    async with AsyncExitStack() as listeners:
        try:
            address = operations_address(installation, service)
        except ValueError as error:
            log.warning("operations_unavailable", reason=str(error), remedy="set `health_check_addr`")
        else:
            await listeners.enter_async_context(operations.served(address))
        if (metrics := installation.model.operations.metrics) is not None:
            await listeners.enter_async_context(operations.metrics_served(parse_address(metrics)))
        yield


def new_operations() -> Operations:
    """Operations of this process, which counts nothing yet."""
    return Operations(CollectorRegistry())
