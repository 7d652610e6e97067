"""Child processes that leave nothing behind."""

import contextlib
import itertools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

POLL = 0.02
"""Seconds between two looks at a condition that has no event to wait for."""
TAIL = 8000
"""Characters of output shown when a process disappoints."""


class ProcessFailed(AssertionError):
    """A child process ended, or stayed silent, when it should not have. The message carries its output."""


@dataclass(frozen=True, slots=True)
class Living:
    """A process as the kernel lists it."""

    pid: int
    """Its id."""
    parent: int
    """Its parent's id."""
    started: int
    """Clock ticks after boot; tells two processes apart that had the same id in turn."""
    name: str
    """Its command, cut to 15 characters."""


@dataclass(frozen=True, slots=True)
class Process:
    """One child process in a process group of its own, with its output in a file."""

    name: str
    """What messages call it."""
    child: "subprocess.Popen[bytes]"
    """The process."""
    log: Path
    """File with everything it wrote, standard error included."""

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        folder: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Self:
        """Start `command`; its output goes to a new `<name>.log` in `folder`; `env` is added to our environment."""
        log = _fresh_log(folder, name)
        with log.open("xb") as output:
            child = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
                start_new_session=True,
            )
        return cls(name, child, log)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.child.poll() is None

    def output(self) -> str:
        """Return everything it wrote so far."""
        return self.log.read_text("utf-8", errors="replace")

    def wait_until(self, condition: Callable[[], bool], *, what: str, deadline: float = 30) -> None:
        """Return once `condition()` holds; ProcessFailed if the process ends first, or after `deadline` seconds."""
        end = time.monotonic() + deadline
        while not condition():
            if not self.running:
                raise ProcessFailed(f"{self.name} ended with {self.child.returncode} before {what}\n{self._tail()}")
            if time.monotonic() > end:
                raise ProcessFailed(f"{self.name}: not {what} after {deadline:g} s\n{self._tail()}")
            time.sleep(POLL)

    def wait_for_line(self, text: str, *, deadline: float = 30) -> str:
        """Return the first complete line of its output that contains `text`."""
        self.wait_until(lambda: self._line(text) is not None, what=f"line with `{text}`", deadline=deadline)
        return self._line(text) or ""

    def wait_for_end(self, *, deadline: float = 10) -> int:
        """Return its exit status. Raises ProcessFailed if it still runs after `deadline` seconds."""
        try:
            return self.child.wait(deadline)
        except subprocess.TimeoutExpired:
            raise ProcessFailed(f"{self.name} still runs after {deadline:g} s\n{self._tail()}") from None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, not to its children."""
        self.child.send_signal(number)

    def stop(self, *, deadline: float = 10) -> None:
        """End it: TERM to it, KILL after `deadline` seconds; then KILL to whatever it leaves behind."""
        family = self.descendants()
        if self.running:
            self.child.terminate()
            try:
                self.child.wait(deadline)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        for orphan in [one for one in family if is_alive(one)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan.pid, signal.SIGKILL)
        self.wait_until_gone(family, deadline=deadline)

    def descendants(self) -> list[Living]:
        """Return its children and theirs, whatever process group or session they moved to."""
        found: list[Living] = []
        generation = {self.child.pid} if self.running else set()
        everyone = _living()
        while generation:
            children = [one for one in everyone if one.parent in generation]
            found += children
            generation = {one.pid for one in children}
        return found

    def wait_until_gone(self, family: Iterable[Living], *, deadline: float = 10) -> None:
        """Return once all of `family` have ended. Raises ProcessFailed if one still lives after `deadline` seconds."""
        end = time.monotonic() + deadline
        while left := [one for one in family if is_alive(one)]:
            if time.monotonic() > end:
                raise ProcessFailed(f"{self.name} left behind {left}\n{self._tail()}")
            time.sleep(POLL)

    def _line(self, text: str) -> str | None:
        complete, _, _ = self.output().rpartition("\n")
        return next((line for line in complete.splitlines() if text in line), None)

    def _tail(self) -> str:
        return f"--- {self.log.name} ---\n{self.output()[-TAIL:]}"


@contextmanager
def running(process: Process) -> Iterator[Process]:
    """Stop `process` at the end of the block, however it ends."""
    try:
        yield process
    finally:
        process.stop()


def _fresh_log(folder: Path, name: str) -> Path:
    # A second process of that name must not find the first one's lines in its log.
    names = (f"{name}.log" if number == 1 else f"{name}-{number}.log" for number in itertools.count(1))
    return next(folder / one for one in names if not (folder / one).exists())


def is_alive(process: Living) -> bool:
    """Whether this very process still runs, not another one that was given its id."""
    now = find(process.pid)
    return now is not None and now.started == process.started


def _living() -> list[Living]:
    ids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [one for pid in ids if (one := find(pid)) is not None]


def find(pid: int) -> Living | None:
    """Return the process with this id, None if none runs."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # proc(5): the name is in parentheses and may hold anything; then come state, parent, and the start as field 22.
    _, _, name_and_rest = stat.partition("(")
    name, _, rest = name_and_rest.rpartition(")")
    fields = rest.split()
    return None if fields[0] == "Z" else Living(pid, int(fields[1]), int(fields[19]), name)
