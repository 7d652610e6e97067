"""Files with Envoy resources of the operator's own: found and read here, understood by the control plane."""

from collections.abc import Iterator

from access_model.load.problems import Report
from access_model.load.sources import Sources
from access_model.model import RawFile
from access_model.schema import Settings
from access_model.secret import Secret

SUFFIXES = (".yaml", ".yml", ".json")


def raw_files(settings: Settings, sources: Sources, report: Report) -> tuple[RawFile, ...]:
    """Every file that `xds_resources` names or that lies in a folder which it names, sorted by name."""
    found: dict[tuple[str, str], RawFile] = {}
    for index, keys in enumerate(settings.xds_resources):
        path = ("xds_resources", index)
        if not keys.path:
            if not report.broken(path):
                report.error(path, "missing", "`path` is missing", "name a file or a folder")
            continue
        for name in _names(keys.path, sources):
            if (name, keys.group or "") in found:
                report.error(path, "given-twice", f"`{name}` is named twice", "name it once")
            elif (text := sources.file(path, name)) is not None:
                found[name, keys.group or ""] = RawFile(name, Secret.of(text), keys.group or "")
    return tuple(found[key] for key in sorted(found))


def _names(path: str, sources: Sources) -> Iterator[str]:
    listed = sources.list_folder(path)
    if listed is None:
        yield path
        return
    # Stands for a file that may yet come, so that the folder is watched even while it is empty.
    sources.files.append(f"{path}/*")
    yield from (f"{path}/{name}" for name in listed if name.endswith(SUFFIXES))
