"""YAML or JSON as JSON values, with the line of each.

Only `true` and `false` are truth values and only decimal notation makes numbers (YAML 1.2, core schema): an Envoy
enumeration may have a value `ON`, and an address such as `1:30` is no number of minutes.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Path = tuple[str | int, ...]
MAX_DEPTH = 100
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)


class Unreadable(Exception):
    """The text is neither YAML nor JSON, or has what JSON has not."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(slots=True)
class Document:
    """One document of a file."""

    value: Any
    """Mappings, lists, texts, numbers, truth values, None."""
    lines: dict[Path, int] = field(default_factory=dict)
    """Path to line, counted from 1."""

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest one above it."""
        return next((self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), 1)


def read_documents(text: str) -> list[Document]:
    """Read every document of a file. Raises `Unreadable`."""
    try:
        roots = list(yaml.compose_all(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 1, f"this is neither YAML nor JSON: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise Unreadable(1, "this is neither YAML nor JSON") from None
    return [_document(root) for root in roots]


def _document(root: Node) -> Document:
    document = Document(None)
    document.value = _value(root, (), document.lines)
    return document


def _value(node: Node, path: Path, lines: dict[Path, int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > MAX_DEPTH:
        raise Unreadable(lines[path], "this is nested too deeply, or contains itself")
    match node:
        case MappingNode():
            return _mapping(node, path, lines)
        case SequenceNode():
            return [_value(child, (*path, index), lines) for index, child in enumerate(node.value)]
        case ScalarNode():
            return _scalar(node)
    raise AssertionError(node)


def _mapping(node: MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, child in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            raise Unreadable(line, "a key is not a plain word")
        if key_node.value in result:
            raise Unreadable(line, f"`{key_node.value}` is given twice")
        lines[(*path, key_node.value)] = line
        result[key_node.value] = _value(child, (*path, key_node.value), lines)
    return result


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
