"""JSON values as a protobuf message, every mistake with its path.

https://protobuf.dev/programming-guides/json/. The library's own parser stops at the first mistake and seldom says where
it is, so the fields are walked here and each of their values is left to it.
"""

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Any

from google.protobuf import json_format, message_factory
from google.protobuf.any_pb2 import Any as PackedAny
from google.protobuf.descriptor_pool import Default as default_pool  # noqa: N813 - a function
from google.protobuf.message import Message

from control_plane.raw.document import Path

TYPE_PREFIX = "type.googleapis.com/"
_WELL_KNOWN = "google.protobuf"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit the schema."""

    path: Path
    """Where."""
    reason: str
    """What is wrong, and what would be right."""


@dataclass(slots=True)
class Filling:
    """Fills messages, and collects what does not fit."""

    faults: list[Fault] = field(default_factory=list)
    """Everything wrong so far."""

    def fill(self, message: Message, values: Any, path: Path) -> None:
        """Put JSON values into a message."""
        if isinstance(message, PackedAny):
            self._pack(message, values, path)
        elif message.DESCRIPTOR.file.package == _WELL_KNOWN:
            self._parse(message, values, path)
        elif not isinstance(values, dict):
            self._fault(path, f"a mapping is wanted here, of the fields of `{message.DESCRIPTOR.full_name}`")
        else:
            self._fill_fields(message, values, path)

    def packed(self, values: dict[str, Any], path: Path) -> Message | None:
        """The message that `@type` names, filled; None, with a fault, if there is no such type."""
        name = values.get("@type")
        made = message_of(name.removeprefix(TYPE_PREFIX)) if isinstance(name, str) else None
        if made is None:
            said = f"`{name}` is no type that this version knows" if name else "`@type` is missing"
            self._fault((*path, "@type") if name else path, f"{said}; write `@type: {TYPE_PREFIX}envoy.…`")
            return None
        rest = {key: value for key, value in values.items() if key != "@type"}
        well_known = made.DESCRIPTOR.file.package == _WELL_KNOWN
        self.fill(made, rest.get("value") if well_known else rest, path)
        return made

    def _fill_fields(self, message: Message, values: dict[str, Any], path: Path) -> None:
        by_name = _fields(message.DESCRIPTOR)
        chosen: dict[str, str] = {}
        for key, value in values.items():
            if (known := by_name.get(key)) is None:
                nearest = get_close_matches(key, by_name, n=1)
                hint = f"did you mean `{nearest[0]}`?" if nearest else "remove it"
                self._fault((*path, key), f"`{message.DESCRIPTOR.full_name}` has no field `{key}`; {hint}")
            elif value is not None:
                if (choice := known.containing_oneof) and chosen.setdefault(choice.name, key) != key:
                    self._fault((*path, key), f"`{chosen[choice.name]}` is given as well; keep one of them")
                self._fill_field(message, known, value, (*path, key))

    def _fill_field(self, message: Message, known: Any, value: Any, path: Path) -> None:
        if known.message_type is None or _is_scalar_map(known):
            self._parse(message, {known.name: value}, path)
        elif known.message_type.GetOptions().map_entry:
            for key, inner in self._entries(value, path):
                self.fill(getattr(message, known.name)[key], inner, (*path, key))
        elif known.is_repeated:
            for index, inner in enumerate(self._elements(value, path)):
                self.fill(getattr(message, known.name).add(), inner, (*path, index))
        elif known.message_type.file.package == _WELL_KNOWN and known.message_type.name != "Any":
            self._parse(message, {known.name: value}, path)
        else:
            inner = getattr(message, known.name)
            inner.SetInParent()
            self.fill(inner, value, path)

    def _entries(self, value: Any, path: Path) -> Iterator[tuple[str, Any]]:
        if isinstance(value, dict):
            yield from value.items()
        else:
            self._fault(path, "a mapping is wanted here")

    def _elements(self, value: Any, path: Path) -> Iterator[Any]:
        if isinstance(value, list):
            yield from value
        else:
            self._fault(path, "a list is wanted here")

    def _pack(self, message: PackedAny, values: Any, path: Path) -> None:
        if not isinstance(values, dict):
            self._fault(path, "a mapping with `@type` is wanted here")
        elif (made := self.packed(values, path)) is not None:
            message.Pack(made, deterministic=True)

    def _parse(self, message: Message, values: Any, path: Path) -> None:
        try:
            json_format.ParseDict(values, message)
        except (json_format.Error, TypeError, ValueError, AttributeError) as error:
            # The library repeats the names of the fields on its way; the last sentence says what is wrong.
            self._fault(path, str(error).rpartition(" field: ")[2].rstrip("."))

    def _fault(self, path: Path, reason: str) -> None:
        self.faults.append(Fault(path, reason))


def message_of(name: str) -> Message | None:
    """An empty message of a type, whose module is imported if it was not yet; None if there is none."""
    package = name.rpartition(".")[0]
    try:
        return _new(name)
    except KeyError:
        _import_package(package)
    try:
        return _new(name)
    except KeyError:
        return None


def _new(name: str) -> Message:
    made: Message = message_factory.GetMessageClass(default_pool().FindMessageTypeByName(name))()
    return made


@cache
def _import_package(package: str) -> None:
    """Import the generated modules of a protobuf package; each is the folder of its name."""
    try:
        folder = import_module(package)
    except (ImportError, ValueError):
        return
    for module in pkgutil.iter_modules(getattr(folder, "__path__", ())):
        if module.name.endswith("_pb2"):
            import_module(f"{package}.{module.name}")


def _fields(descriptor: Any) -> dict[str, Any]:
    """Fields by either spelling, as in the schema and in JSON."""
    return {
        **{each.json_name: each for each in descriptor.fields},
        **{each.name: each for each in descriptor.fields},
    }


def _is_scalar_map(known: Any) -> bool:
    entry = known.message_type
    return bool(entry.GetOptions().map_entry) and entry.fields_by_name["value"].message_type is None
