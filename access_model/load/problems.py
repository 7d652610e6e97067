"""What is wrong with a configuration file: all of it at once, each with its place and what to do about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from access_model.load.marks import Mark, Marks, Path, path_text

MOST_CHARACTERS = 320
_A = TypeVar("_A")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or (as a warning) looks wrong."""

    source: str
    """Name of the file, or `environment`."""
    path: str
    """Where in the document, as `routes[3].to`; empty for the document as a whole."""
    line: int | None
    """Line, counted from 1; None when it does not come from a file."""
    column: int | None
    """Column, counted from 1; None when it does not come from a file."""
    code: str
    """Stable kebab-case name of the kind of mistake."""
    message: str
    """What is wrong."""
    remedy: str
    """What to do."""
    suggestion: str | None = None
    """The nearest known word, when a word is unknown."""

    def moved(self, below: Path, lines: int) -> "Problem":
        """The same in a document in which its own stands below a path, with so many lines above it."""
        path = path_text(below) + ("" if self.path[:1] in ("", "[") else ".") + self.path
        return replace(self, path=path, line=None if self.line is None else self.line + lines)

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        where = f"{place}: {self.path}" if self.path else place
        return f"{where}: {self.message} - {self.remedy}"


class ConfigurationInvalid(Exception):
    """The configuration cannot be used; `problems` lists everything that is wrong, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.line or 0, each.column or 0, each.path)))
        super().__init__("\n".join(map(str, self.problems)))


class Mistake(Exception):
    """One value cannot be used; whoever knows where it was written turns this into a `Problem`."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


@dataclass(slots=True)
class Report:
    """Collects problems while a configuration is read, so that no check has to stop at the first."""

    marks: Marks
    """Where each path was written."""
    errors: list[Problem] = field(default_factory=list)
    """What makes the configuration unusable."""
    warnings: list[Problem] = field(default_factory=list)
    """What the operator should know."""
    _broken: set[Path] = field(default_factory=set)
    _above_broken: set[Path] = field(default_factory=set)

    def error(
        self,
        path: Path,
        code: str,
        message: str,
        remedy: str,
        *,
        suggestion: str | None = None,
        mark: Mark | None = None,
    ) -> None:
        """Record an error; its place is `mark`, or where the path or its nearest parent was written."""
        self._broken.add(path)
        self._above_broken.update(path[:length] for length in range(len(path)))
        self.errors.append(self._problem(path, code, message, remedy, suggestion=suggestion, mark=mark))

    def doubt(self, path: Path) -> None:
        """Take an absent path for given: a misspelt key is likely what was meant for it."""
        if not self.marks.written(path):
            self._broken.add(path)

    def warn(self, path: Path, code: str, message: str, remedy: str) -> None:
        """Record a warning at a path."""
        self.warnings.append(self._problem(path, code, message, remedy))

    def attempt(self, path: Path, read: Callable[[_A], _T], value: _A) -> _T | None:
        """Read one value; a `Mistake` becomes an error at the path, and the result None."""
        try:
            return read(value)
        except Mistake as mistake:
            self.error(path, mistake.code, mistake.message, mistake.remedy)
            return None

    def broken(self, *paths: Path) -> bool:
        """Whether an error stands at, above or below one of the paths, so that a further one would only be its echo."""
        return any(
            path in self._above_broken or any(path[:length] in self._broken for length in range(len(path) + 1))
            for path in paths
        )

    def _problem(
        self,
        path: Path,
        code: str,
        message: str,
        remedy: str,
        *,
        suggestion: str | None = None,
        mark: Mark | None = None,
    ) -> Problem:
        place = mark or self.marks.of(path)
        return Problem(
            source=place.source,
            path=place.name or path_text(path),
            line=place.line,
            column=place.column,
            code=code,
            message=_short(message),
            remedy=remedy,
            suggestion=suggestion,
        )


def _short(message: str) -> str:
    """A message that fits a terminal, whatever value it quotes: its beginning and its end."""
    return message if len(message) <= MOST_CHARACTERS else f"{message[:200]}…{message[-100:]}"
