"""Reading a configuration: text, environment and files in; the access model, or every problem at once, out.

text -> document (YAML, places) -> expand (`${NAME}`) -> overrides (environment)
     -> conform (schema) -> resolve (meaning) -> AccessModel
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from access_model.load.conform import conform
from access_model.load.document import read_document
from access_model.load.expand import expand
from access_model.load.marks import Marks
from access_model.load.overrides import override
from access_model.load.problems import ConfigurationInvalid, Problem, Report
from access_model.load.resolve import resolve
from access_model.load.sources import Sources
from access_model.model import AccessModel

__all__ = ["ConfigurationInvalid", "Loaded", "Problem", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used."""

    model: AccessModel
    """What it says."""
    warnings: tuple[Problem, ...]
    """What the operator should know; nothing that keeps it from being used."""
    files: tuple[str, ...] = ()
    """Names of the files that were read for it, as written; a change of one is a change of the configuration."""


def load(
    text: str,
    *,
    source: str,
    environment: Mapping[str, str],
    read_file: Callable[[str], bytes],
    now: datetime | None = None,
    list_folder: Callable[[str], Sequence[str] | None] = lambda _: None,
) -> Loaded:
    """Read a configuration file's text. Raises `ConfigurationInvalid` with all its problems, and nothing else.

    `source` names the file in messages. `read_file` gets file names as the operator wrote them, relative ones from the
    folder of the configuration file, and raises `OSError`. `now` is what validity of certificates is judged by; without
    it, it is not. `list_folder` returns the sorted names of a folder's files, or None for what is no folder.
    """
    report = Report(Marks(source))
    tree = read_document(text, report)
    if not tree and report.errors:
        raise ConfigurationInvalid(report.errors)
    expanded = expand(tree, environment, report)
    settings = conform(override(expanded, environment, report.marks), report)
    sources = Sources(read_file, report, list_folder)
    model = resolve(settings, sources, report, now)
    if report.errors:
        raise ConfigurationInvalid(report.errors)
    return Loaded(model, tuple(report.warnings), tuple(dict.fromkeys(sources.files)))
