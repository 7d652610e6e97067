"""The resources of the operator's files: checked against the schema, named once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from access_model.model import RawFile
from control_plane.raw.document import Document, Path, Unreadable, read_documents
from control_plane.raw.messages import TYPE_PREFIX, Fault, Filling, message_of
from control_plane.raw.protection import protect
from control_plane.raw.references import references_of
from control_plane.snapshot import Reference, Resource, TypeUrl

KINDS = {
    "listeners": TypeUrl.LISTENER,
    "clusters": TypeUrl.CLUSTER,
    "routes": TypeUrl.ROUTE,
    "endpoints": TypeUrl.ENDPOINT,
    "secrets": TypeUrl.SECRET,
    "extension_configs": TypeUrl.EXTENSION_CONFIG,
    "runtimes": TypeUrl.RUNTIME,
}


class RawResourcesInvalid(ValueError):
    """Nothing of the files is served; every problem is listed, as `file:line: path: reason`."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    taken: dict[Reference, str]
    """Names that are in use, and by what."""
    resources: list[Resource] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def raw_resources(files: Iterable[RawFile], ours: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resources of all files. Raises `RawResourcesInvalid`, also for a name that one of `ours` has."""
    reading = _Reading({resource.reference: "what the routes lead to" for resource in ours})
    for file in files:
        try:
            documents = read_documents(file.text.reveal_text())
        except Unreadable as error:
            reading.problems.append(f"{file.name}:{error.line}: {error.reason}")
            continue
        for document in documents:
            _read_document(file.name, document, reading)
    if reading.problems:
        raise RawResourcesInvalid(reading.problems)
    return tuple(reading.resources)


def _read_document(name: str, document: Document, reading: _Reading) -> None:
    filling = Filling()
    for path, kind, values in _entries(document.value, filling):
        before = len(filling.faults)
        made = _message(kind, values, path, filling)
        if made is not None and len(filling.faults) == before:
            _take(f"{name}:{document.line(path)}", path, made, filling, reading)
    reading.problems += [
        f"{name}:{document.line(fault.path)}: {_text(fault.path)}: {fault.reason}" for fault in filling.faults
    ]


def _entries(value: Any, filling: Filling) -> Iterator[tuple[Path, TypeUrl | None, Any]]:
    """Each resource with its path, and its type where the key above tells it."""
    if isinstance(value, list):
        yield from (((index,), None, each) for index, each in enumerate(value))
    elif isinstance(value, dict) and "@type" in value:
        yield (), None, value
    elif isinstance(value, dict):
        for key, listed in value.items():
            if key not in KINDS:
                filling.faults.append(Fault((key,), f"no kind of resource; write one of `{'`, `'.join(KINDS)}`"))
            elif not isinstance(listed, list):
                filling.faults.append(Fault((key,), "a list is wanted here"))
            else:
                yield from (((key, index), KINDS[key], each) for index, each in enumerate(listed))
    else:
        filling.faults.append(Fault((), "a mapping or a list of resources is wanted"))


def _message(kind: TypeUrl | None, values: Any, path: Path, filling: Filling) -> Message | None:
    if not isinstance(values, dict):
        filling.faults.append(Fault(path, "a resource is a mapping of its fields"))
        return None
    if kind is None or "@type" in values:
        return filling.packed(values, path)
    made = message_of(kind.removeprefix(TYPE_PREFIX))
    assert made is not None, "our own types are installed"
    filling.fill(made, values, path)
    return made


def _take(place: str, path: Path, made: Message, filling: Filling, reading: _Reading) -> None:
    """Take a message that fits the schema for a resource, unless something else speaks against it."""
    try:
        type_url = TypeUrl(TYPE_PREFIX + made.DESCRIPTOR.full_name)
    except ValueError:
        filling.faults.append(Fault(path, f"`{made.DESCRIPTOR.full_name}` is nothing that is served by itself"))
        return
    title = getattr(made, "cluster_name" if type_url is TypeUrl.ENDPOINT else "name")
    if not title:
        filling.faults.append(Fault(path, "the resource has no name"))
        return
    if objection := protect(made):
        filling.faults.append(Fault(path, objection))
    resource = Resource(title, type_url, made.SerializeToString(deterministic=True), frozenset(references_of(made)))
    if (owner := reading.taken.get(resource.reference)) is not None:
        filling.faults.append(Fault(path, f"{resource.reference} exists already, in {owner}; give it another name"))
        return
    reading.taken[resource.reference] = place
    reading.resources.append(resource)


def _text(path: Path) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "the file"
