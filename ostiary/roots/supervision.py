"""Running until told to end, or until a part ends by itself."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog

from service_kit.garbage import set_apart
from service_kit.operations import Operations
from service_kit.signals import ending_signals

log = structlog.get_logger(__name__)


async def until_signal(workers: Sequence[Coroutine[Any, Any, None]], operations: Operations) -> None:
    """Run `workers` until SIGINT or SIGTERM, then cancel them. A worker's exception ends the rest and is raised."""
    set_apart()
    with ending_signals() as asked:
        tasks = [asyncio.create_task(worker) for worker in workers]
        signalled = asyncio.create_task(asked.wait())
        try:
            await asyncio.wait([signalled, *tasks], return_when=asyncio.FIRST_COMPLETED)
            if asked.is_set():
                log.info("stopping")
        finally:
            operations.ending()
            for task in (signalled, *tasks):
                task.cancel()
            results = await asyncio.gather(signalled, *tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
