"""File watching: bursts of events become one call; atomic renames and mounted config maps (symlink swaps) are seen.

Folders are watched, not files: an editor that writes a new file and renames it over the old one, or Kubernetes swapping
the `..data` link, changes the folder and not the file that was opened.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import watchfiles

QUIET_MILLISECONDS = 100
LONGEST_BURST_MILLISECONDS = 2000


async def changes(files: Iterable[Path], stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield once per burst of changes (100 ms of quiet, 2 s at most) of `files`, until `stop` is set.

    A file called `*` stands for every file of its folder. Others that change in the same folders, such as logs or a
    database, count for nothing: they would keep a burst from ending.
    """
    watched = {path for file in files for path in (file.absolute(), file.resolve())}
    folders = {path.parent for path in watched}
    watch = watchfiles.awatch(
        *sorted(folders),
        watch_filter=lambda _, path: _concerns(Path(path), watched),
        debounce=LONGEST_BURST_MILLISECONDS,
        step=QUIET_MILLISECONDS,
        stop_event=stop,
        recursive=False,
    )
    async for _ in watch:
        yield


@asynccontextmanager
async def watching(files: Iterable[Path], call: Callable[[], None]) -> AsyncIterator[None]:
    """Call back once per burst of changes while the block runs."""
    stop = asyncio.Event()

    async def follow() -> None:
        async for _ in changes(files, stop):
            call()

    task = asyncio.create_task(follow(), name="watch files")
    try:
        yield
    finally:
        stop.set()
        await task


def _concerns(path: Path, watched: set[Path]) -> bool:
    """Whether a change is of a watched file, or of a link that Kubernetes swaps (`..data`)."""
    return path in watched or path.with_name("*") in watched or path.name.startswith("..")
