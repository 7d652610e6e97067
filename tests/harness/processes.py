"""Child processes that leave nothing behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
        """Start `command`; its output goes to `<folder>/<name>.log`. `env` is added to this process' environment."""
        log = folder / f"{name}.log"
        with log.open("ab") as output:
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
        """End it: TERM to it, KILL after `deadline` seconds; then KILL to whatever is left of its group."""
        if self.running:
            self.child.terminate()
            try:
                self.child.wait(deadline)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        end = time.monotonic() + deadline
        while self.group_members() and time.monotonic() < end:
            time.sleep(POLL)

    def group_members(self) -> list[int]:
        """Return the ids of all living processes of its group, itself included."""
        return [pid for pid in _process_ids() if _group_of(pid) == self.child.pid]

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


def _process_ids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _group_of(pid: int) -> int | None:
    try:
        # After the command in parentheses, which may hold anything: state, parent, group (proc(5)).
        state, _parent, group = (
            Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()[:3]
        )
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return None if state == "Z" else int(group)
