"""YAML text to a tree of mappings, lists and texts, with the place of every value.

Scalars stay the text that was written (`007` is not seven); the schema gives them their types. JSON is YAML. Anchors,
aliases and merge keys work, within limits that keep a small file from unfolding into a large one.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from access_model.load.marks import Mark, Path
from access_model.load.problems import Report

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | None"

MAX_DEPTH = 64
MAX_REPEATED_NODES = 100_000
_YAML = "tag:yaml.org,2002:"
_SCALARS = {_YAML + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "value")}
_MERGE = _YAML + "merge"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNREADABLE = (yaml.YAMLError, UnicodeError, RecursionError, ValueError)


def read_document(text: str, report: Report) -> dict[str, Tree]:
    """Parse the text of a configuration file; what is wrong with it goes to the report, the rest is returned."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        _report_syntax(error, report)
        return {}
    except _UNREADABLE as error:
        reason = str(error).splitlines()[0] if str(error) else "it is nested too deeply"
        report.error((), "yaml-syntax", f"the file is not YAML: {reason}", "write plain UTF-8 YAML or JSON")
        return {}
    if root is None:
        report.error((), "empty-file", "the file is empty", "write at least `routes`")
        return {}
    tree = _Reader(report).read(root, ())
    if not isinstance(tree, dict):
        report.error((), "not-a-mapping", "the file is not a mapping of keys to values", "begin with `routes:`")
        return {}
    return tree


def read_rest(text: str, lines_above: int, report: Report) -> dict[str, Tree] | None:
    """Read a piece that is a block mapping at the left margin, or nothing; None for anything else, and for errors.

    `lines_above` is how many lines of the file stand before it.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except _UNREADABLE:
        return None
    if root is None:
        return {}
    if not isinstance(root, MappingNode) or root.flow_style or root.start_mark.column:
        return None
    tree = _Reader(report, lines_above).read(root, ())
    return tree if isinstance(tree, dict) and not report.errors else None


def read_element(text: str, report: Report) -> dict[str, Tree] | None:
    """Read a piece that is one element of `routes`, a mapping; None for anything else, and for errors.

    Paths begin at the element, lines at the piece.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except _UNREADABLE:
        return None
    if not isinstance(root, SequenceNode) or root.flow_style or len(root.value) != 1 or root.tag != _YAML + "seq":
        return None
    tree = _Reader(report).item(root.value[0], ())
    return tree if isinstance(tree, dict) and not report.errors else None


@dataclass(slots=True)
class _Reader:
    report: Report
    lines_above: int = 0
    seen: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)
    repeated: int = 0

    def read(self, node: Node, path: Path) -> Tree:
        """Turn a node into its tree, remembering where it was written."""
        if not self._admits(node, path):
            return None
        self.open.add(id(node))
        try:
            match node:
                case MappingNode(tag=tag) if tag == _YAML + "map":
                    return self._mapping(node, path)
                case SequenceNode(tag=tag) if tag == _YAML + "seq":
                    return [self.item(child, (*path, index)) for index, child in enumerate(node.value)]
                case ScalarNode(tag=tag, value=value) if tag in _SCALARS:
                    return None if tag == _YAML + "null" else str(value)
            self._error(node, path, "bad-tag", f"the tag `{node.tag}` is not allowed", "write a plain value")
            return None
        finally:
            self.open.discard(id(node))

    def item(self, node: Node, path: Path) -> Tree:
        """Turn an element of a list into its tree; its place is where it begins."""
        self.report.marks.put(path, self._mark(node))
        return self.read(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Tree]:
        result: dict[str, Tree] = {}
        merged: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged = self._merge(value_node, path) | merged
                continue
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            if key is None:
                self._error(key_node, path, "bad-key", "a key is not a plain word", "use a text as the key")
            elif key in result:
                self._error(key_node, (*path, key), "duplicate-key", f"`{key}` is given twice", "keep one of them")
            else:
                self.report.marks.put((*path, key), self._mark(key_node))
                result[key] = self.read(value_node, (*path, key))
        return merged | result

    def _merge(self, node: Node, path: Path) -> dict[str, Tree]:
        """The keys that `<<` brings in; earlier mappings of a list win."""
        sources = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Tree] = {}
        for source in sources:
            if not isinstance(source, MappingNode):
                self._error(source, path, "bad-merge", "`<<` merges something else than mappings", "name a mapping")
            elif isinstance(tree := self.read(source, path), dict):
                merged = tree | merged
        return merged

    def _admits(self, node: Node, path: Path) -> bool:
        """Refuse what would unfold without end."""
        if id(node) in self.open:
            self._error(node, path, "recursive-alias", "the alias contains itself", "write the value out")
            return False
        if len(self.open) >= MAX_DEPTH:
            self._error(node, path, "too-deep", "the value is nested too deeply", "flatten it")
            return False
        self.repeated += id(node) in self.seen
        self.seen.add(id(node))
        if self.repeated == MAX_REPEATED_NODES:
            self._error(node, path, "too-many-aliases", "the aliases unfold into too many values", "use fewer of them")
        return self.repeated < MAX_REPEATED_NODES

    def _error(self, node: Node, path: Path, code: str, message: str, remedy: str) -> None:
        self.report.error(path, code, message, remedy, mark=self._mark(node))

    def _mark(self, node: Node) -> Mark:
        line = self.lines_above + node.start_mark.line + 1
        return Mark(self.report.marks.source, line, node.start_mark.column + 1)


def _report_syntax(error: yaml.MarkedYAMLError, report: Report) -> None:
    mark = error.problem_mark or error.context_mark
    place = Mark(report.marks.source, mark.line + 1, mark.column + 1) if mark is not None else None
    words = ", ".join(part for part in (error.context, error.problem) if part)
    remedy = "check indentation, quotes and brackets on this line and the one above"
    report.error((), "yaml-syntax", f"the file is not valid YAML: {words}", remedy, mark=place)
