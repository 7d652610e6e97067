"""Reading a file that was cut: only what changed since the last reading is parsed, checked and compiled again.

A file with anything in it that is wrong is not read like this but whole, so mistakes are found and worded in one way.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import accumulate

from pydantic import ValidationError

from access_model.fingerprint import digest_of
from access_model.load.document import Tree, read_element, read_rest
from access_model.load.expand import expand
from access_model.load.marks import Mark, Marks, Path
from access_model.load.memory import Kept, Memory
from access_model.load.pieces import Pieces
from access_model.load.problems import Report
from access_model.load.routes import Defaults, RoutesRead, route_of
from access_model.load.sources import Sources
from access_model.load.unfed import asks_for_facts
from access_model.model import AccessModel
from access_model.schema import RouteKeys

ROUTES = "routes"


class ReadWhole(Exception):
    """The pieces do not add up to the file, or something in it is wrong."""


@dataclass(slots=True)
class Piecewise:
    """One reading."""

    source: str
    """Name of the file, for messages."""
    pieces: Pieces
    """The file."""
    memory: Memory
    """What the last reading left."""
    environment: Mapping[str, str]
    """The environment."""
    read_file: Callable[[str], bytes]
    """As for `load`."""
    kept: dict[str, Kept] = field(default_factory=dict)
    """What was read from each piece."""
    _circumstances: tuple[object, ...] = ()
    _above: list[int] = field(default_factory=list)
    _contents: dict[str, bytes] = field(default_factory=dict)

    def rest(self, report: Report) -> dict[str, Tree]:
        """Everything but the routes, as a tree. Raises `ReadWhole`."""
        report.marks.elsewhere = self._place
        above = read_rest(self.pieces.head, 0, report)
        report.marks.put((ROUTES,), Mark(self.source, self.pieces.above_routes, 1))
        below = read_rest(self.pieces.tail, self.pieces.above_tail, report)
        if above is None or below is None or ROUTES in above or not below.keys().isdisjoint({*above, ROUTES}):
            raise ReadWhole
        return above | below

    def routes(self, defaults: Defaults, report: Report) -> RoutesRead:
        """All routes; those that are as they were are the same objects. Raises `ReadWhole`."""
        # Of `defaults` itself nothing is kept: it leads to this reading, and so to all before it.
        self._circumstances = (self.source, self.environment, *defaults.circumstances())
        known = self.memory.pieces_under(self._circumstances)
        read = []
        for text in self.pieces.routes:
            found = known.get(text)
            if found is None or (found.files and not self._unchanged(found)):
                found = self._read(text, defaults)
            read.append(found)
        self.kept = dict(zip(self.pieces.routes, read, strict=True))
        self._above = [*accumulate((kept.breaks for kept in read), initial=self.pieces.above_routes)]
        for index, kept in enumerate(read):
            if kept.files:
                defaults.sources.files.extend(name for name, _ in kept.files)
            if kept.warnings:
                report.warnings.extend(each.moved((ROUTES, index), self._above[index]) for each in kept.warnings)
        return RoutesRead(
            numbered=[(index, kept.route) for index, kept in enumerate(read)],
            lines=tuple(kept.line + above + 1 for kept, above in zip(read, self._above, strict=False)),
            digests=[kept.digest for kept in read],
            asking=[(index, kept.route) for index, kept in enumerate(read) if kept.asks_for_facts],
        )

    def remembered(self, model: AccessModel) -> Memory:
        """What to keep for the next reading, once `model` came of this one."""
        return Memory(self._circumstances, self.kept, model.index.by_id)

    def _read(self, text: str, defaults: Defaults) -> Kept:
        """Read one route; everything it depends on is its text, the environment, `defaults` and the files it names."""
        report = Report(Marks(self.source))
        tree = read_element(text, report)
        if tree is None:
            raise ReadWhole
        try:
            keys = RouteKeys.model_validate(expand(tree, self.environment, report))
        except ValidationError:
            raise ReadWhole from None
        sources = Sources(self._content, report)
        route = route_of((), keys, replace(defaults, sources=sources), report)
        place = report.marks.of(())
        if route is None or report.errors or place.line is None:
            raise ReadWhole
        return Kept(
            route=self.memory.same(route),
            digest=digest_of(route),
            asks_for_facts=asks_for_facts(route.policy),
            line=place.line - 1,
            breaks=text.count("\n"),
            warnings=tuple(report.warnings),
            files=self._files(sources.files),
        )

    def _unchanged(self, kept: Kept) -> bool:
        try:
            return self._files(name for name, _ in kept.files) == kept.files
        except (OSError, ValueError):
            return False

    def _files(self, names: Iterable[str]) -> tuple[tuple[str, bytes], ...]:
        return tuple((name, sha256(self._content(name)).digest()) for name in names)

    def _content(self, name: str) -> bytes:
        """A file, which is read once however many routes name it."""
        if name not in self._contents:
            self._contents[name] = self.read_file(name)
        return self._contents[name]

    def _place(self, path: Path) -> Mark | None:
        """The place of something within a route. It is seldom asked for, and found by parsing the piece once more."""
        if len(path) < 2 or path[0] != ROUTES or not isinstance(index := path[1], int):
            return None
        report = Report(Marks(self.source))
        read_element(self.pieces.routes[index], report)
        mark = report.marks.of(path[2:])
        return replace(mark, line=mark.line and mark.line + self._above[index])
