"""All sources of a configuration, read one by one: one that cannot be read keeps what it said last."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from access_model.external_data.bundle import is_bundle, members
from access_model.external_data.directory import Directory, directory_of
from access_model.external_data.records import Records, Table, table_of
from access_model.external_data.rows import DataInvalid, read_rows
from access_model.model import DataSource, DirectoryFiles, RecordFile

_T = TypeVar("_T")
Part = Directory | tuple[Table, ...]
"""What one source says."""
ReadFile = Callable[[str], bytes]
"""Returns a file's bytes, or raises `OSError`; the name is given as the operator wrote it."""


@dataclass(frozen=True, slots=True)
class ExternalData:
    """What all sources say at one moment."""

    parts: Mapping[DataSource, Part] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """Source to what it said last."""
    directory: Directory | None = field(init=False, repr=False)
    """The directory; None where none is configured."""
    records: Records = field(init=False, repr=False)
    """The records of all types."""

    def __post_init__(self) -> None:
        parts = tuple(self.parts.values())
        tables = [table for part in parts if isinstance(part, tuple) for table in part]
        object.__setattr__(self, "directory", next((part for part in parts if isinstance(part, Directory)), None))
        object.__setattr__(self, "records", Records({table.kind: table for table in tables}))


NO_DATA = ExternalData()
"""No source at all."""


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Why one source could not be read."""

    file: str
    """Name of the file, as written."""
    reason: str
    """What is wrong with it."""
    kept: bool
    """Whether there is something that it said before."""

    def __str__(self) -> str:
        return f"the data file `{self.file}` cannot be used: {self.reason}"


class _Unusable(Exception):
    """A file that cannot be used."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(reason)
        self.file = file


def read_external_data(
    sources: Sequence[DataSource], read_file: ReadFile, before: ExternalData = NO_DATA
) -> tuple[ExternalData, tuple[SourceProblem, ...]]:
    """Read every source, and tell which could not be. Total.

    Such a source keeps its part of `before`; one that never was read has none, and its data must not be relied on.
    """
    parts: dict[DataSource, Part] = {}
    problems: list[SourceProblem] = []
    for source in sources:
        try:
            parts[source] = _distinct(_read(source, read_file), source, parts)
        except _Unusable as unusable:
            kept = source in before.parts
            problems.append(SourceProblem(unusable.file, str(unusable), kept))
            if kept:
                parts[source] = before.parts[source]
    return ExternalData(MappingProxyType(parts)), tuple(problems)


def _read(source: DataSource, read_file: ReadFile) -> Part:
    if isinstance(source, DirectoryFiles):
        users = _attempt(source.users, lambda: read_rows(source.users, read_file(source.users)))
        name = source.groups
        groups = _attempt(name, lambda: read_rows(name, read_file(name))) if name is not None else ()
        return _attempt(source.users, lambda: directory_of(users, groups))
    return _attempt(source.file, lambda: _tables(source, read_file(source.file)))


def _tables(source: RecordFile, content: bytes) -> tuple[Table, ...]:
    if source.kind is not None:
        return (table_of(source.kind, source.key, read_rows(source.file, content)),)
    if not is_bundle(content):
        raise DataInvalid("it is not a zip bundle, so its records need a `type`")
    return tuple(table_of(kind, source.key, read_rows(name, data)) for kind, name, data in members(content))


def _distinct(part: Part, source: DataSource, earlier: Mapping[DataSource, Part]) -> Part:
    """The part, unless it brings a type of record that an earlier source has."""
    taken = {table.kind for other in earlier.values() if isinstance(other, tuple) for table in other}
    for table in part if isinstance(part, tuple) else ():
        if table.kind in taken and isinstance(source, RecordFile):
            raise _Unusable(source.file, f"there are records of type `{table.kind}` already")
        taken.add(table.kind)
    return part


def _attempt(file: str, work: Callable[[], _T]) -> _T:
    try:
        return work()
    except OSError as error:
        raise _Unusable(file, (error.strerror or "it cannot be read").lower()) from None
    except DataInvalid as error:
        raise _Unusable(file, str(error)) from None
