"""A tree against the schema: types, choices, unknown keys. What does not fit is reported and left out.

Leaving it out lets the later checks run on the rest, so that one bad value does not hide the other mistakes.
"""

from copy import deepcopy
from difflib import get_close_matches
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from access_model.load.document import Tree
from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.load.wording import word
from access_model.schema import RouteKeys, Settings, not_yet
from access_model.schema.base import group_of

_ROUNDS = 8
_REFERENCE = "docs/configuration.md lists the keys"


def conform(tree: dict[str, Tree], report: Report) -> Settings:
    """Return what of the tree fits the schema; the rest goes to the report."""
    candidate = deepcopy(tree)
    for _ in range(_ROUNDS):
        try:
            return Settings.model_validate(candidate)
        except ValidationError as invalid:
            for detail in invalid.errors(include_url=False):
                _report(detail, report)
                _leave_out(candidate, detail["loc"])
    return Settings()


def _report(detail: ErrorDetails, report: Report) -> None:
    path: Path = detail["loc"]
    if report.broken(path):
        return
    if detail["type"] == "extra_forbidden":
        _report_unknown(path, report)
    else:
        mistake = word(detail)
        report.error(path, mistake.code, mistake.message, mistake.remedy)


def _report_unknown(path: Path, report: Report) -> None:
    key, group = str(path[-1]), _group_at(path[:-1])
    if group is Settings and key in not_yet.FORMER:
        report.error(path, "former-name", f"`{key}` is a former name of `routes`", not_yet.FORMER[key])
        return
    if key in (not_yet.ROUTE if group is RouteKeys else not_yet.GLOBAL if group is Settings else ()):
        message = f"`{key}` is not supported yet by this version"
        report.error(path, "not-supported-yet", message, f"remove it; {_REFERENCE}")
        return
    nearest = next(iter(get_close_matches(key, _names(group), n=1)), None)
    if nearest is not None:
        report.doubt((*path[:-1], nearest))
        remedy = f"did you mean `{nearest}`?"
    elif group is Settings and key in _names(RouteKeys):
        remedy = "move it into a route"
    elif group is RouteKeys and key in _names(Settings):
        remedy = "move it to the top of the file"
    else:
        remedy = f"remove it; {_REFERENCE}"
    report.error(path, "unknown-key", f"the key `{key}` is unknown", remedy, suggestion=nearest)


def _group_at(path: Path) -> type[BaseModel] | None:
    """The keys that may stand below a path."""
    group: type[BaseModel] | None = Settings
    named = False
    for step in path:
        if named or isinstance(step, int) or group is None:
            named = False
            continue
        fields = {field.alias or name: field for name, field in group.model_fields.items()}
        annotation = fields[step].annotation if step in fields else None
        group, named = group_of(annotation), get_origin(annotation) is dict
    return group


def _names(group: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in group.model_fields.items()] if group else []


def _leave_out(tree: dict[str, Tree], path: Path) -> None:
    """Remove the nearest key at or above a path; a list element that should be a group becomes an empty one."""
    if len(path) == 2 and isinstance(path[1], int) and _group_at(path) is not None:
        group: Any = tree[str(path[0])]
        group[path[1]] = {}
        return
    last_key = max(index for index, step in enumerate(path) if isinstance(step, str))
    holder: Any = tree
    for step in path[:last_key]:
        holder = holder.get(step) if isinstance(holder, dict) else holder[step]
        if holder is None:
            return
    holder.pop(path[last_key], None)
