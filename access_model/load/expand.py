"""`${NAME}` in values: the environment's word in the file. `$$` is a dollar sign.

Header values keep the templates of the proxy itself (`${pomerium.jwt}`) and their `$$`, which are resolved for each
request; what the environment puts into such a value is escaped, so that it is never taken for a template.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from access_model.load.document import Tree
from access_model.load.marks import Path
from access_model.load.problems import Report

TEMPLATE_KEYS = frozenset({"set_request_headers"})
"""Keys below which values are templates of the proxy."""

_REFERENCE = re.compile(r"\$\$|\$\{(?P<name>[^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEMPLATE = re.compile(r"\s*pomerium\s*\.")


def expand(tree: dict[str, Tree], environment: Mapping[str, str], report: Report) -> dict[str, Tree]:
    """Return the tree with every reference replaced; a value that has a wrong one is reported and left out."""
    return {key: _expand(value, environment, report, (key,)) for key, value in tree.items()}


def _expand(tree: Tree, environment: Mapping[str, str], report: Report, path: Path) -> Tree:
    match tree:
        case dict():
            return {key: _expand(value, environment, report, (*path, key)) for key, value in tree.items()}
        case list():
            return [_expand(value, environment, report, (*path, index)) for index, value in enumerate(tree)]
        case str() if "$" in tree:
            template = not TEMPLATE_KEYS.isdisjoint(path)
            expanded = _REFERENCE.sub(_Expansion(environment, report, path, template), tree)
            return None if report.broken(path) else expanded
    return tree


@dataclass(frozen=True, slots=True)
class _Expansion:
    environment: Mapping[str, str]
    report: Report
    path: Path
    template: bool

    def __call__(self, reference: re.Match[str]) -> str:
        name = reference["name"]
        if name is None:
            return "$$" if self.template else "$"
        if self.template and _TEMPLATE.match(name):
            return reference[0]
        if _NAME.fullmatch(name) is None:
            return self._refuse("bad-reference", f"`{reference[0]}` does not name an environment variable")
        if name not in self.environment:
            return self._refuse("undefined-variable", f"the environment variable `{name}` is not set")
        value = self.environment[name]
        return value.replace("$", "$$") if self.template else value

    def _refuse(self, code: str, message: str) -> str:
        self.report.error(self.path, code, message, "set the variable, or write `$$` for a dollar sign")
        return ""
