"""Reading the configuration again, on SIGHUP and when a file changes; what does not load changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Ready:
    """A configuration that can be put in force at once."""

    loaded: Loaded
    """What was read."""
    instead_of: Loaded
    """What was in force then."""
    commits: tuple[Commit, ...] | None
    """What puts it in force, in order; None: it says what is in force already."""


class Reloader:
    """Follows one configuration file on behalf of those who work with what it says.

    It is read in a thread, for requests are answered meanwhile. All consumers make ready before the first puts anything
    in force. They do so in the order given, decisions first: a route must be known to them before Envoy sends its
    requests.

    A change of a file counts when the burst of changes is over that it belongs to. Most are of one change, so all is
    made ready at the first sign already, while the end is awaited; if there was another sign, that goes for nothing.
    """

    def __init__(
        self, file: ConfigurationFile, loaded: Loaded, consumers: Sequence[Prepare], record: ReloadRecord
    ) -> None:
        self._file = file
        self._record = record
        self._loaded = loaded
        self._consumers = consumers
        self._wanted = asyncio.Event()
        self._signs = 0
        self._noticed = False
        self._one_at_a_time = asyncio.Lock()
        self._ahead: asyncio.Task[tuple[int, Ready | None]] | None = None

    @property
    def watched(self) -> tuple[Path, ...]:
        """The file and every file that it named when it could be used last."""
        return self._file.watched(self._loaded)

    async def run(self) -> None:
        """Reload whenever asked, until cancelled."""
        with on_hangup(self._wanted.set):
            try:
                await self._follow()
            finally:
                if self._ahead is not None:
                    self._ahead.cancel()

    async def _follow(self) -> None:
        while True:
            watched = self.watched
            async with watching(watched, self._wanted.set, at_once=self.sign):
                # What changed before the watch began was not seen; reading once more costs little.
                self._wanted.set()
                while self.watched == watched:
                    await self._wanted.wait()
                    self._wanted.clear()
                    await self.reload()

    def sign(self) -> None:
        """A file has changed, perhaps not for the last time: make ready for what it says, and wait for `reload`."""
        self._notice()
        self._signs += 1
        if self._ahead is None or self._ahead.done():
            self._ahead = asyncio.create_task(self._make_ready_ahead(self._signs), name="read ahead")

    async def reload(self) -> None:
        """Read the file and put it in force. Everything that can be wrong is logged, and changes nothing."""
        self._notice()
        self._noticed = False
        try:
            ready = await self._made_ahead() or await self._make_ready()
        except ConfigurationInvalid as invalid:
            _log_problems(invalid)
            self._record.failed(*map(str, invalid.problems))
        except (OSError, UnicodeDecodeError) as error:
            log.error("configuration_unreadable", file=str(self._file.path), reason=str(error), meaning=STAYS)
            self._record.failed(f"{self._file.path}: {error}")
        except (StoreError, ValueError) as error:
            log.error("configuration_refused", file=str(self._file.path), reason=str(error), meaning=STAYS)
            self._record.failed(str(error))
        else:
            self._put_in_force(ready)

    def _notice(self) -> None:
        if not self._noticed:
            self._noticed = True
            self._record.noticed()

    async def _make_ready(self) -> Ready:
        async with self._one_at_a_time:
            before = self._loaded
            loaded = await asyncio.to_thread(self._file.read, memory=before.memory)
            if loaded.model == before.model:
                return Ready(loaded, before, None)
            return Ready(loaded, before, tuple([await prepare(loaded.model) for prepare in self._consumers]))

    async def _make_ready_ahead(self, signs: int) -> tuple[int, Ready | None]:
        try:
            return signs, await self._make_ready()
        except (ConfigurationInvalid, OSError, StoreError, ValueError):
            return signs, None  # it may be half written; whatever is wrong in the end is told then

    async def _made_ahead(self) -> Ready | None:
        """What was made ready at the last sign; None where it was no use, or something else is in force since."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return None
        signs, ready = await ahead
        return ready if ready and signs == self._signs and ready.instead_of is self._loaded else None

    def _put_in_force(self, ready: Ready) -> None:
        loaded, before = ready.loaded, self._loaded
        self._loaded = loaded
        self._record.succeeded(loaded.model.revision)
        if ready.commits is None:
            return
        for name in FIXED:
            if getattr(loaded.model, name) != getattr(before.model, name):
                log.warning("restart_needed", setting=name, meaning="this setting counts only after a restart")
        for commit in ready.commits:
            commit()
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
