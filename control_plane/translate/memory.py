"""What was translated before, so that a change of one route costs one route.

What was made of the same routes under the same settings is not made again. A route that has not changed comes back as
the same object when the configuration is read again, which is how ten thousand comparisons take no time.
"""

from collections.abc import Callable
from typing import Any

from control_plane.snapshot import Resource


class Shelf:
    """Resources of one kind, by a name that is unique within the kind."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[Any, ...], Resource]] = {}
        self._used: dict[str, tuple[tuple[Any, ...], Resource]] = {}

    def recall(self, make: Callable[..., Resource], name: str, *made_of: Any) -> Resource:
        """`make(name, *made_of)`, or what it gave last time for equal arguments."""
        known = self._kept.get(name)
        if known is None or known[0] != made_of:
            known = made_of, make(name, *made_of)
        self._used[name] = known
        return known[1]

    def turn(self) -> None:
        """Forget what has not been asked for since the last turn."""
        self._kept, self._used = self._used, {}


class Memory:
    """One translation's memory of the one before; not to be shared between translations that run at once."""

    def __init__(self) -> None:
        self.hosts = Shelf()
        """Virtual hosts, by host."""
        self.clusters = Shelf()
        """Clusters, by the id of their route."""
        self.secrets = Shelf()
        """Client certificates, by the id of their route."""
        self.once = Shelf()
        """What there is one of, by name."""

    def turn(self) -> None:
        """Forget what the translation that ends now had no use for."""
        for shelf in (self.hosts, self.clusters, self.secrets, self.once):
            shelf.turn()
