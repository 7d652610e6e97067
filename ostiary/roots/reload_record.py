"""What became of reading the configuration, for status and metrics."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Gauge

from ostiary.roots.clock import utc_now


class ReloadRecord:
    """The last attempt to read the configuration, and what is in force."""

    def __init__(self, registry: CollectorRegistry, revision: str) -> None:
        self.on_notice: list[Callable[[], None]] = []
        """Called when the configuration may have changed, before it is read."""
        self._revision = revision
        self._at: datetime = utc_now()
        self._problems: tuple[str, ...] = ()
        self._good = Gauge(
            "config_last_reload_success", "1 if the configuration as it lies on disk is in force", registry=registry
        )
        self._since = Gauge(
            "config_last_reload_success_timestamp_seconds", "When one was last put in force", registry=registry
        )
        self.succeeded(revision)

    def noticed(self) -> None:
        """The configuration may have changed."""
        for call in self.on_notice:
            call()

    def succeeded(self, revision: str) -> None:
        """What lies on disk is in force."""
        self._revision, self._at, self._problems = revision, utc_now(), ()
        self._good.set(1)
        self._since.set(self._at.timestamp())

    def failed(self, *problems: str) -> None:
        """What lies on disk cannot be used; what was in force still is."""
        self._at, self._problems = utc_now(), problems
        self._good.set(0)

    def status(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "revision": self._revision,
            "last_reload": {"success": not self._problems, "at": self._at.isoformat(), "problems": [*self._problems]},
        }
