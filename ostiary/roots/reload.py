"""Reading the configuration again, on SIGHUP and when its file changes; what does not load changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from access_model.load import ConfigurationInvalid
from access_model.model import AccessModel
from ostiary.configuration import ConfigurationFile
from service_kit.signals import on_hangup
from service_kit.watching import changes
from session_store.repository import StoreError

STAYS = "the running configuration stays in force"
# What is opened once, at the start, and cannot be exchanged under running requests.
FIXED = ("store_url", "services", "envoy", "shared_secret")

log = structlog.get_logger(__name__)

Apply = Callable[[AccessModel], Awaitable[None]]


class Reloader:
    """Follows one configuration file on behalf of those who work with what it says."""

    def __init__(self, file: ConfigurationFile, model: AccessModel, consumers: Sequence[Apply]) -> None:
        self._file = file
        self._model = model
        self._consumers = consumers
        self._stop = asyncio.Event()
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Reload whenever asked, until cancelled."""
        with on_hangup(self._wanted.set):
            watching = asyncio.create_task(self._watch(), name="watch configuration")
            try:
                while True:
                    await self._wanted.wait()
                    self._wanted.clear()
                    await self.reload()
            finally:
                self._stop.set()
                watching.cancel()

    async def reload(self) -> None:
        """Read the file and put it in force. Everything that can be wrong is logged, and changes nothing."""
        try:
            model = self._file.read().model
        except ConfigurationInvalid as invalid:
            for problem in invalid.problems:
                place = f"{self._file.path}:{problem.line}" if problem.line else str(self._file.path)
                log.error(
                    "configuration_refused",
                    place=place,
                    key=problem.path,
                    reason=problem.message,
                    remedy=problem.remedy,
                    meaning=STAYS,
                )
            return
        except (OSError, UnicodeDecodeError) as error:
            log.error("configuration_unreadable", file=str(self._file.path), reason=str(error), meaning=STAYS)
            return
        if model != self._model:
            await self._put_in_force(model)

    async def _put_in_force(self, model: AccessModel) -> None:
        for name in FIXED:
            if getattr(model, name) != getattr(self._model, name):
                log.warning("restart_needed", setting=name, meaning="this setting counts only after a restart")
        try:
            # Decisions first: a route must be known to them before Envoy sends its requests.
            for apply in self._consumers:
                await apply(model)
        except (StoreError, ValueError) as error:
            log.error("configuration_refused", file=str(self._file.path), reason=str(error), meaning=STAYS)
            return
        self._model = model
        log.info("configuration_reloaded", revision=model.revision, routes=len(model.routes))

    async def _watch(self) -> None:
        async for _ in changes([self._file.path], self._stop):
            self._wanted.set()
