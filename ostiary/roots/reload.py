"""Reading the configuration again, on SIGHUP and when a file changes; what does not load changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from access_model.load import ConfigurationInvalid, Loaded
from access_model.model import AccessModel
from ostiary.configuration import ConfigurationFile
from ostiary.roots.reload_record import ReloadRecord
from service_kit.signals import on_hangup
from service_kit.watching import watching
from session_store.repository import StoreError

STAYS = "the running configuration stays in force"
# What is opened once, at the start, and cannot be exchanged under running requests.
FIXED = ("store_url", "services", "envoy", "shared_secret", "operations")

log = structlog.get_logger(__name__)

Commit = Callable[[], None]
Prepare = Callable[[AccessModel], Awaitable[Commit]]
"""Makes ready for a configuration, or raises; what it returns puts that in force and cannot fail."""


class Reloader:
    """Follows one configuration file on behalf of those who work with what it says.

    It is read in a thread, for requests are answered meanwhile. All consumers make ready before the first puts anything
    in force. They do so in the order given, decisions first: a route must be known to them before Envoy sends its
    requests.
    """

    def __init__(
        self, file: ConfigurationFile, loaded: Loaded, consumers: Sequence[Prepare], record: ReloadRecord
    ) -> None:
        self._file = file
        self._record = record
        self._loaded = loaded
        self._consumers = consumers
        self._wanted = asyncio.Event()

    @property
    def watched(self) -> tuple[Path, ...]:
        """The file and every file that it named when it could be used last."""
        return self._file.watched(self._loaded)

    async def run(self) -> None:
        """Reload whenever asked, until cancelled."""
        with on_hangup(self._wanted.set):
            while True:
                watched = self.watched
                async with watching(watched, self._wanted.set):
                    # What changed before the watch began was not seen; reading once more costs little.
                    self._wanted.set()
                    while self.watched == watched:
                        await self._wanted.wait()
                        self._wanted.clear()
                        await self.reload()

    async def reload(self) -> None:
        """Read the file and put it in force. Everything that can be wrong is logged, and changes nothing."""
        self._record.noticed()
        try:
            loaded = await asyncio.to_thread(self._file.read, memory=self._loaded.memory)
        except ConfigurationInvalid as invalid:
            _log_problems(invalid)
            self._record.failed(*map(str, invalid.problems))
        except (OSError, UnicodeDecodeError) as error:
            log.error("configuration_unreadable", file=str(self._file.path), reason=str(error), meaning=STAYS)
            self._record.failed(f"{self._file.path}: {error}")
        else:
            if loaded.model == self._loaded.model:
                self._loaded = loaded
                self._record.succeeded(loaded.model.revision)
            else:
                await self._put_in_force(loaded)

    async def _put_in_force(self, loaded: Loaded) -> None:
        for name in FIXED:
            if getattr(loaded.model, name) != getattr(self._loaded.model, name):
                log.warning("restart_needed", setting=name, meaning="this setting counts only after a restart")
        try:
            commits = [await prepare(loaded.model) for prepare in self._consumers]
        except (StoreError, ValueError) as error:
            log.error("configuration_refused", file=str(self._file.path), reason=str(error), meaning=STAYS)
            self._record.failed(str(error))
            return
        for commit in commits:
            commit()
        self._loaded = loaded
        self._record.succeeded(loaded.model.revision)
        log.info("configuration_reloaded", revision=loaded.model.revision, routes=len(loaded.model.routes))


def _log_problems(invalid: ConfigurationInvalid) -> None:
    for problem in invalid.problems:
        place = f"{problem.source}:{problem.line}" if problem.line else problem.source
        log.error(
            "configuration_refused",
            place=place,
            key=problem.path,
            reason=problem.message,
            remedy=problem.remedy,
            meaning=STAYS,
        )
