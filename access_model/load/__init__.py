"""Reading a configuration: text, environment and files in; the access model, or every problem at once, out.

text -> document (YAML, places) -> expand (`${NAME}`) -> overrides (environment)
     -> conform (schema) -> resolve (meaning) -> AccessModel

A file without mistakes that is written like most is cut into its routes and read piecewise, so that the next reading
can take from this one whatever has not changed. All others are read whole; what comes out is the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from access_model.load.conform import conform
from access_model.load.document import read_document
from access_model.load.expand import expand
from access_model.load.marks import Marks
from access_model.load.memory import NOTHING_READ, Memory
from access_model.load.overrides import override
from access_model.load.pieces import Pieces, cut
from access_model.load.piecewise import Piecewise, ReadWhole
from access_model.load.problems import ConfigurationInvalid, Problem, Report
from access_model.load.resolve import resolve
from access_model.load.routes import Defaults, RoutesRead, routes
from access_model.load.sources import Sources
from access_model.model import AccessModel

__all__ = ["NOTHING_READ", "ConfigurationInvalid", "Loaded", "Memory", "Problem", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used."""

    model: AccessModel
    """What it says."""
    warnings: tuple[Problem, ...]
    """What the operator should know; nothing that keeps it from being used."""
    files: tuple[str, ...] = ()
    """Names of the files that were read for it, as written; a change of one is a change of the configuration."""
    memory: Memory = field(default=NOTHING_READ, compare=False, repr=False)
    """For the next reading of the same file."""


@dataclass(frozen=True, slots=True)
class _World:
    """Arguments of `load`."""

    source: str
    environment: Mapping[str, str]
    read_file: Callable[[str], bytes]
    list_folder: Callable[[str], Sequence[str] | None]
    now: datetime | None


def load(
    text: str,
    *,
    source: str,
    environment: Mapping[str, str],
    read_file: Callable[[str], bytes],
    now: datetime | None = None,
    list_folder: Callable[[str], Sequence[str] | None] = lambda _: None,
    memory: Memory | None = None,
) -> Loaded:
    """Read a configuration file's text. Raises `ConfigurationInvalid` with all its problems, and nothing else.

    `source` names the file in messages. `read_file` gets file names as the operator wrote them, relative ones from the
    folder of the configuration file, and raises `OSError`. `now` is what validity of certificates is judged by; without
    it, it is not. `list_folder` returns the sorted names of a folder's files, or None for what is no folder.

    `memory` is what an earlier reading left, or `NOTHING_READ`. The outcome is the same with any and without; but a
    route that is as it was, under defaults that are as they were, is the same object, and costs nothing.
    """
    world = _World(source, dict(environment), read_file, list_folder, now)
    pieces = None if memory is None else cut(text)
    if memory is not None and pieces is not None:
        try:
            return _load_pieces(pieces, world, memory)
        except ReadWhole:
            pass
    return _load_whole(text, world, memory or NOTHING_READ)


def _load_whole(text: str, world: _World, memory: Memory) -> Loaded:
    def read_routes(defaults: Defaults, report: Report) -> RoutesRead:
        read = routes(defaults, report)
        return replace(read, numbered=[(index, memory.same(route)) for index, route in read.numbered])

    report = Report(Marks(world.source))
    tree = read_document(text, report)
    if not tree and report.errors:
        raise ConfigurationInvalid(report.errors)
    expanded = expand(tree, world.environment, report)
    settings = conform(override(expanded, world.environment, report.marks), report)
    sources = Sources(world.read_file, report, world.list_folder)
    model = resolve(settings, sources, report, world.now, read_routes)
    if report.errors:
        raise ConfigurationInvalid(report.errors)
    return _loaded(model, report, sources, Memory(routes=model.index.by_id))


def _load_pieces(pieces: Pieces, world: _World, memory: Memory) -> Loaded:
    """Raise `ReadWhole` if anything is wrong, or unlike what a cut file is."""
    reading = Piecewise(world.source, pieces, memory, world.environment, world.read_file)
    report = Report(Marks(world.source))
    expanded = expand(reading.rest(report), world.environment, report)
    settings = conform(override(expanded, world.environment, report.marks), report)
    if report.errors:
        raise ReadWhole
    sources = Sources(world.read_file, report, world.list_folder)
    model = resolve(settings, sources, report, world.now, reading.routes)
    if report.errors:
        raise ReadWhole
    return _loaded(model, report, sources, reading.remembered(model))


def _loaded(model: AccessModel, report: Report, sources: Sources, memory: Memory) -> Loaded:
    return Loaded(model, tuple(report.warnings), tuple(dict.fromkeys(sources.files)), memory)
