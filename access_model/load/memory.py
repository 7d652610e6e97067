"""What one reading leaves to the next, so that only what changed is read again. A value; nobody has to keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from access_model.load.problems import Problem
from access_model.model import Route


@dataclass(frozen=True, slots=True)
class Kept:
    """A route that was read from a piece of the file without any mistake."""

    route: Route
    """The route."""
    digest: str
    """`digest_of` it."""
    asks_for_facts: bool
    """Whether its policy asks for what sources of external data bring."""
    line: int
    """Line of the piece, counted from 0, in which it begins."""
    breaks: int
    """Lines of the piece."""
    warnings: tuple[Problem, ...]
    """Warnings about it; paths begin at the route, lines at the piece."""
    files: tuple[tuple[str, bytes], ...]
    """Files that were read for it: name as written, and SHA-256 of the content."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the last reading used, and no more."""

    circumstances: tuple[object, ...] = field(default=(), repr=False)
    """What routes took from elsewhere than their pieces and files; empty if the file was not read in pieces."""
    pieces: Mapping[str, Kept] = field(default_factory=dict, repr=False)
    """Text of a piece to what was read from it under these circumstances."""
    routes: Mapping[str, Route] = field(default_factory=dict, repr=False)
    """Id to route, however the file was read."""

    def pieces_under(self, circumstances: tuple[object, ...]) -> Mapping[str, Kept]:
        """What was read and would be read again under these circumstances, as far as no files are involved."""
        return self.pieces if self.circumstances == circumstances else {}

    def same(self, route: Route) -> Route:
        """The equal route of the last reading, or this one: who remembers a route by identity finds it again."""
        before = self.routes.get(route.id)
        return before if before is not None and before == route else route


NOTHING_READ = Memory()
"""What the first reading begins with."""
