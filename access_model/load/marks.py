"""Where each value of a configuration was written."""

from collections.abc import Callable
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""The way to a value: keys and list indices from the top of the document."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One place."""

    source: str
    """Name of the file, or `environment`."""
    line: int | None = None
    """Line, counted from 1; None when there are no lines."""
    column: int | None = None
    """Column, counted from 1; None when there are no lines."""
    name: str | None = None
    """What the place is called where it was written, if not by its path: the environment variable."""


@dataclass(slots=True)
class Marks:
    """The places of all paths of one document."""

    source: str
    """Name of the file."""
    elsewhere: Callable[[Path], Mark | None] = lambda _: None
    """Finds places that were not put here."""
    _known: dict[Path, Mark] = field(default_factory=dict)

    def put(self, path: Path, mark: Mark) -> None:
        """Remember the place of a path."""
        self._known[path] = mark

    def written(self, path: Path) -> bool:
        """Whether the document has a value at this path."""
        return path in self._known

    def of(self, path: Path) -> Mark:
        """The place of a path, or of the nearest one above it that was written; the file when there is none."""
        if (found := self.elsewhere(path)) is not None:
            return found
        for length in range(len(path), -1, -1):
            if (mark := self._known.get(path[:length])) is not None:
                return mark
        return Mark(self.source)


def path_text(path: Path) -> str:
    """Spell a path for people: `routes[3].to`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
