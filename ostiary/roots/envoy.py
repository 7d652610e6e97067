"""Envoy as a supervised child: started on a bootstrap that we render, watched, started again when it dies."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import structlog

from access_model.model import EnvoySettings
from ostiary.envoy_executable import EnvoyUnusable
from service_kit.children import Child, start_child

# What an operator would call a crash loop: so many ends within so many seconds.
MOST_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0
READY_SECONDS = 30.0
POLL_SECONDS = 0.05
# Level, logger and message apart, so that Envoy's lines become ours without guessing.
LOG_FORMAT = "%l\t%n\t%v"
LEVELS = {"trace": "debug", "debug": "debug", "info": "info", "warning": "warning", "error": "error"}

log = structlog.get_logger("envoy")


@dataclass(slots=True)
class EnvoyProcess:
    """One Envoy, kept alive."""

    executable: str
    """What to run."""
    bootstrap: Path
    """Rendered bootstrap file."""
    settings: EnvoySettings
    """Concurrency and log level."""
    admin: httpx.AsyncClient
    """Client of its admin interface."""
    on_access_line: Callable[[str], None]
    """Takes each line of its access log, already JSON."""
    on_health: Callable[[str], None] = lambda _: None
    """Told whenever it begins or ceases to serve: empty, or what is wrong."""
    _child: Child | None = None
    _ended: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_RESTARTS))

    def status(self) -> dict[str, Any]:
        """Plain values."""
        running = self._child is not None and self._child.process.returncode is None
        return {"running": running, "recent_ends": len(self._ended), "executable": self.executable}

    async def run(self, ready: asyncio.Event) -> None:
        """Keep Envoy running until cancelled; set `ready` when its listener serves. Raises `EnvoyUnusable`."""
        try:
            while True:
                self._child = await start_child("envoy", self._command(), on_line=self._line)
                await self._until_ready_or_dead(self._child, ready)
                code = await self._child.wait()
                self._count_end(code)
        finally:
            if self._child is not None:
                await asyncio.shield(self._child.stop())

    def _command(self) -> list[str]:
        # --use-dynamic-base-id: several Envoys on one machine must not share the hot-restart memory region.
        command = [self.executable, "--config-path", str(self.bootstrap), "--use-dynamic-base-id"]
        command += ["--log-level", self.settings.log_level, "--log-format", LOG_FORMAT, "--drain-time-s", "2"]
        command += ["--file-flush-interval-msec", "1000"]
        if self.settings.concurrency is not None:
            command += ["--concurrency", str(self.settings.concurrency)]
        return command

    def _line(self, line: str) -> None:
        if line.startswith("{"):
            self.on_access_line(line)
            return
        level, _, rest = line.partition("\t")
        logger, _, message = rest.partition("\t")
        if message:
            getattr(log, LEVELS.get(level, "error"))("envoy", logger=logger, message=message)
        elif line:
            log.info("envoy", message=line)

    def _count_end(self, code: int) -> None:
        now = time.monotonic()
        self._ended.append(now)
        if len(self._ended) == MOST_RESTARTS and now - self._ended[0] < RESTART_WINDOW_SECONDS:
            raise EnvoyUnusable(f"envoy ended {MOST_RESTARTS} times within a minute, last with code {code}")
        self.on_health(f"envoy ended with code {code}")
        log.error("envoy_ended", exit_code=code, meaning="no traffic is carried until it is back; it is started again")

    async def _until_ready_or_dead(self, child: Child, ready: asyncio.Event) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while child.process.returncode is None and not await self._serves():
            if time.monotonic() > deadline:
                raise EnvoyUnusable(
                    f"envoy did not serve its listener within {READY_SECONDS:.0f} s; the log above tells why"
                )
            await asyncio.sleep(POLL_SECONDS)
        if child.process.returncode is None:
            self.on_health("")
            ready.set()

    async def _serves(self) -> bool:
        try:
            state = await self.admin.get("/ready")
            listeners = await self.admin.get("/listeners", params={"format": "json"})
        except httpx.HTTPError:
            return False
        return state.status_code == 200 and bool(json.loads(listeners.text or "{}").get("listener_statuses"))
