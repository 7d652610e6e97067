"""Environment variables in upper case beat the keys at the top of the file: `SHARED_SECRET` beats `shared_secret`."""

from collections.abc import Mapping
from typing import get_args, get_origin

from pydantic import BaseModel

from access_model.load.document import Tree
from access_model.load.marks import Mark, Marks
from access_model.schema import Settings

RIVALS = (
    (
        *("session_store_url", "session_store_url_file"),
        *("databroker_storage_connection_string", "databroker_storage_connection_string_file"),
    ),
    *((name, f"{name}_file") for name in Settings.model_fields if f"{name}_file" in Settings.model_fields),
)
"""Keys of which only one may be given; a variable for one of them displaces the other."""


def override(tree: dict[str, Tree], environment: Mapping[str, str], marks: Marks) -> dict[str, Tree]:
    """Return the tree with the environment's word for every scalar key; an empty variable counts as unset."""
    result = dict(tree)
    for key in overridable():
        if value := environment.get(key.upper()):
            for rivals in RIVALS:
                for rival in rivals if key in rivals else ():
                    result.pop(rival, None)
            result[key] = value
            marks.put((key,), Mark("environment", name=key.upper()))
    return result


def overridable() -> tuple[str, ...]:
    """The keys that a variable can override: those whose value is one text, number or truth."""
    return tuple(name for name, field in Settings.model_fields.items() if _scalar(field.annotation))


def _scalar(annotation: object) -> bool:
    if get_origin(annotation) in (list, dict):
        return False
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return False
    return all(_scalar(argument) for argument in get_args(annotation) if not isinstance(argument, str))
