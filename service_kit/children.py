"""A supervised child process: its lines become ours, and it never outlives us.

The child gets a process group of its own, so that a Ctrl-C on the terminal reaches us first and we end it in order. On
Linux it also gets the parent-death signal, so that it ends even when we are killed outright (prctl(2)).
"""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from service_kit import die_with_parent

GRACE_SECONDS = 5.0
LONGEST_LINE = 1 << 20

log = structlog.get_logger(__name__)


class ChildNotStarted(Exception):
    """The executable is missing or cannot be run."""

    code = "child-not-started"


@dataclass(slots=True)
class Child:
    """One running child."""

    name: str
    """For log lines."""
    process: asyncio.subprocess.Process
    """The process itself."""
    _pump: asyncio.Task[None]

    async def wait(self) -> int:
        """Wait for its end and the last of its lines; return the exit code (negative: the signal that ended it)."""
        code = await self.process.wait()
        await self._pump
        return code

    async def stop(self, grace: float = GRACE_SECONDS) -> int:
        """Ask it to end (SIGTERM), insist after `grace` seconds (SIGKILL); return its exit code."""
        if self.process.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), grace)
            except TimeoutError:
                log.warning("child_killed", name=self.name, pid=self.process.pid, after_seconds=grace)
                self._signal(signal.SIGKILL)
        return await self.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


async def start_child(name: str, command: Sequence[str], *, on_line: Callable[[str], None]) -> Child:
    """Start `command`; every line of its standard output and error goes to `on_line`, without the newline."""
    if shutil.which(command[0]) is None:
        raise ChildNotStarted(f"`{command[0]}` cannot be started: there is no such program")
    try:
        process = await asyncio.create_subprocess_exec(
            *_ending_with_us(command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=LONGEST_LINE,
        )
    except OSError as error:
        raise ChildNotStarted(f"`{command[0]}` cannot be started: {error.strerror}") from error
    assert process.stdout is not None
    return Child(name, process, asyncio.create_task(_pump(process.stdout, on_line), name=f"{name} output"))


async def _pump(stream: asyncio.StreamReader, on_line: Callable[[str], None]) -> None:
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # longer than the limit; the reader has dropped it
            continue
        if not line:
            return
        on_line(line.decode(errors="replace").rstrip("\r\n"))


def _ending_with_us(command: Sequence[str]) -> list[str]:
    if sys.platform != "linux":
        return [*command]
    return [sys.executable, "-I", "-S", die_with_parent.__file__, str(os.getpid()), *command]
