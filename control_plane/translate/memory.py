"""What was translated before, so that a change of one route costs one route.

A route that has not changed comes back as the same object when the configuration is read again. What was made of the
same routes under equal settings is not made again. Routes are compared by identity: comparing ten thousand of them by
value would cost as much as translating them.
"""

from collections.abc import Callable, Sequence
from operator import is_
from typing import NamedTuple

from access_model.model import Route
from control_plane.snapshot import Resource


class _Made(NamedTuple):
    settings: tuple[object, ...]
    routes: Sequence[Route]
    resource: Resource


class Shelf:
    """Resources of one kind, by a name that is unique within the kind."""

    def __init__(self) -> None:
        self._kept: dict[str, _Made] = {}
        self._used: dict[str, _Made] = {}

    def recall(
        self, name: str, settings: tuple[object, ...], routes: Sequence[Route], make: Callable[[], Resource]
    ) -> Resource:
        """The resource made of these; `make` is called unless they were here last time."""
        made = self._kept.get(name)
        if made is None or made.settings != settings or not _same(made.routes, routes):
            made = _Made(settings, routes, make())
        self._used[name] = made
        return made.resource

    def turn(self) -> None:
        """Forget what has not been asked for since the last turn."""
        self._kept, self._used = self._used, {}


def _same(some: Sequence[Route], others: Sequence[Route]) -> bool:
    return some is others or (len(some) == len(others) and all(map(is_, some, others)))


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
