"""Reading the files of external data: the only place that touches the file system on behalf of `external_data`."""

from collections.abc import Iterable
from pathlib import Path

from access_model.external_data import NO_DATA, ExternalData, SourceProblem, read_external_data
from access_model.model import AccessModel, DirectoryFiles
from ostiary.configuration import ConfigurationFile

MAX_FILE_BYTES = 256 << 20


class DataUnusable(ValueError):
    """A source was never read, so that policies that rely on it could not be evaluated; the message names the file."""

    code = "data-unusable"

    def __init__(self, problems: Iterable[SourceProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))


def read_data(
    file: ConfigurationFile, model: AccessModel, before: ExternalData = NO_DATA
) -> tuple[ExternalData, tuple[SourceProblem, ...]]:
    """What all sources of a model say, and which could not be read but keep what they said. Raises `DataUnusable`.

    File names begin at the folder of the configuration file.
    """
    data, problems = read_external_data(model.external_data, lambda name: _content(file.resolve(name)), before)
    if unread := [problem for problem in problems if not problem.kept]:
        raise DataUnusable(unread)
    return data, problems


def data_files(file: ConfigurationFile, model: AccessModel) -> tuple[Path, ...]:
    """The files of all sources."""
    names = [
        name
        for source in model.external_data
        for name in ((source.users, source.groups) if isinstance(source, DirectoryFiles) else (source.file,))
    ]
    return tuple(file.resolve(name) for name in names if name is not None)


def _content(path: Path) -> bytes:
    with path.open("rb") as opened:
        content = opened.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise OSError(0, f"it is larger than {MAX_FILE_BYTES >> 20} megabytes")
    return content
