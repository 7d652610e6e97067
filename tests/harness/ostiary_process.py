"""`ostiary run`, or one of the services alone, as a child process on a given configuration."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.harness.processes import Process, find

REPOSITORY = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from ostiary.cli import main; main()")
"""The command as the console script has it, without the need to be installed."""
START = 45.0
"""Seconds in which everything must be up on a busy machine."""


@dataclass(frozen=True, slots=True)
class Ostiary:
    """A running `ostiary`."""

    process: Process
    """The process of the command; with `run` it has children."""
    config_file: Path
    """Its configuration file; rewrite it to see a reload."""

    def events(self) -> list[dict[str, Any]]:
        """Return every JSON line it logged so far, oldest first."""
        complete, _, _ = self.process.output().rpartition("\n")
        return [event for line in complete.splitlines() if (event := _event(line)) is not None]

    def descendants(self) -> list[int]:
        """Return the ids of Envoy and of whatever else it started."""
        return [one.pid for one in self.process.descendants()]

    def wait_until_gone(self, ids: Iterable[int]) -> None:
        """Return once those processes have ended. Raises ProcessFailed if one still lives after ten seconds."""
        self.process.wait_until_gone([one for pid in ids if (one := find(pid)) is not None])

    def rewrite(self, config: Mapping[str, Any]) -> None:
        """Replace its configuration file in one step."""
        fresh = self.config_file.with_suffix(".new")
        _write(fresh, config)
        fresh.replace(self.config_file)


@contextmanager
def ostiary(
    folder: Path,
    config: Mapping[str, Any],
    *,
    verb: str = "run",
    env: Mapping[str, str] | None = None,
    wait: bool = True,
) -> Iterator[Ostiary]:
    """Run `ostiary <verb>` on `config`, written to `<folder>/ostiary.yaml`; ready unless `wait` is off.

    At the end of the block it must stop on TERM and take its children along; one left behind is an AssertionError.
    """
    file = folder / "ostiary.yaml"
    _write(file, config)
    process = Process.start(f"ostiary-{verb}", [*COMMAND, verb, "-c", file], folder=folder, cwd=REPOSITORY, env=env)
    this = Ostiary(process, file)
    try:
        if wait:
            wait_until_ready(this)
        yield this
        family = process.descendants()
        process.child.terminate()
        process.wait_for_end(deadline=20)
        process.wait_until_gone(family, deadline=1)
    finally:
        process.stop()


def wait_until_ready(this: Ostiary, *, times: int = 1) -> None:
    """Return once the log says `ready` for the `times`-th time."""

    def said() -> bool:
        return len([event for event in this.events() if event.get("event") == "ready"]) >= times

    this.process.wait_until(said, what="ready", deadline=START)


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _write(file: Path, config: Mapping[str, Any]) -> None:
    file.write_text(yaml.safe_dump(dict(config), sort_keys=False), "utf-8")
