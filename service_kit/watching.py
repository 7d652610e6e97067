"""File watching: bursts of events become one call; atomic renames and mounted config maps (symlink swaps) are seen.

Folders are watched, not files: an editor that writes a new file and renames it over the old one, or Kubernetes swapping
the `..data` link, changes the folder and not the file that was opened.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import watchfiles

STEP_MILLISECONDS = 20
QUIET_SECONDS = 0.1
LONGEST_BURST_SECONDS = 2.0


def _nobody() -> None:
    """Nobody wants to know."""


async def signs(files: Iterable[Path], stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield when one of `files` has changed and none for a step since, until `stop` is set.

    A file called `*` stands for every file of its folder. Others that change in the same folders, such as logs or a
    database, count for nothing.
    """
    watched = {path for file in files for path in (file.absolute(), file.resolve())}
    folders = {path.parent for path in watched}
    watch = watchfiles.awatch(
        *sorted(folders),
        watch_filter=lambda _, path: _concerns(Path(path), watched),
        debounce=2 * STEP_MILLISECONDS,
        step=STEP_MILLISECONDS,
        stop_event=stop,
        recursive=False,
    )
    async for _ in watch:
        yield


@dataclass(slots=True)
class Bursts:
    """Makes one call of many signs that follow each other closely."""

    call: Callable[[], None]
    """What is called when a burst is over."""
    _begun: float | None = None
    _timer: asyncio.TimerHandle | None = None

    def sign(self) -> None:
        """Something has changed: call after 100 ms without another change, and 2 s after the first at the latest.

        A sign comes after a step without changes, which is part of the 100 ms.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._begun = now if self._begun is None else self._begun
        self.drop()
        quiet = now + QUIET_SECONDS - STEP_MILLISECONDS / 1000
        self._timer = loop.call_at(min(quiet, self._begun + LONGEST_BURST_SECONDS), self._over)

    def drop(self) -> None:
        """Call no more for what was seen so far."""
        if self._timer is not None:
            self._timer.cancel()

    def _over(self) -> None:
        self._begun = None
        self.call()


@asynccontextmanager
async def watching(
    files: Iterable[Path], call: Callable[[], None], *, at_once: Callable[[], None] = _nobody
) -> AsyncIterator[None]:
    """Call back once per burst of changes while the block runs, and `at_once` at each sign of one."""
    stop, bursts = asyncio.Event(), Bursts(call)

    async def follow() -> None:
        async for _ in signs(files, stop):
            at_once()
            bursts.sign()

    task = asyncio.create_task(follow(), name="watch files")
    try:
        yield
    finally:
        stop.set()
        await task
        bursts.drop()


def _concerns(path: Path, watched: set[Path]) -> bool:
    """Whether a change is of a watched file, or of a link that Kubernetes swaps (`..data`)."""
    return path in watched or path.with_name("*") in watched or path.name.startswith("..")
