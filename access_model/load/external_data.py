"""Where directory groups and records come from. The files themselves are not read here: they change by themselves."""

from collections.abc import Iterator

from access_model.facts import RecordKey
from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.model import DataSource, DirectoryFiles, RecordFile
from access_model.schema import ExternalDataKeys, Settings


def external_data(settings: Settings, report: Report) -> tuple[DataSource, ...]:
    """The sources of the settings, the directory first."""
    return (*_directory(settings, report), *_records(settings, report))


def _directory(settings: Settings, report: Report) -> Iterator[DirectoryFiles]:
    if settings.directory is None:
        return
    files = settings.directory.file
    if files is None:
        if not report.broken(("directory",)):
            report.error(("directory",), "missing", "the directory has no source", "add `file: {users: users.csv}`")
    elif not files.users:
        if not report.broken(("directory", "file", "users")):
            message = "the directory does not say who is in which group"
            report.error(("directory", "file", "users"), "missing", message, "add `users`, the name of a file")
    else:
        yield DirectoryFiles(files.users, files.groups)


def _records(settings: Settings, report: Report) -> Iterator[RecordFile]:
    first: dict[str, int] = {}
    for index, keys in enumerate(settings.external_data):
        path: Path = ("external_data", index)
        _check_given(path, keys, report)
        if keys.type is not None and (earlier := first.setdefault(keys.type, index)) != index:
            message = f"`external_data[{earlier}]` has records of type `{keys.type}` as well"
            report.error((*path, "type"), "given-twice", message, "give each source a type of its own")
        if keys.file and keys.foreign_key:
            yield RecordFile(keys.file, keys.type, RecordKey(keys.foreign_key))


def _check_given(path: Path, keys: ExternalDataKeys, report: Report) -> None:
    for key, remedy in (("file", "name the file"), ("foreign_key", "add `user.id`, `user.email` or `request.ip`")):
        if not getattr(keys, key) and not report.broken((*path, key)):
            report.error((*path, key), "missing", f"`{key}` is missing", remedy)
