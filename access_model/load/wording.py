"""The schema's objections in the operator's words."""

from pydantic_core import ErrorDetails

from access_model.load.problems import Mistake
from access_model.schema.types import shown

_SHAPES = {
    "string_type": ("bad-text", "a text is wanted here", "write one plain value"),
    "list_type": ("bad-list", "a list is wanted here", "write one `- ` line for each element"),
    "dict_type": ("bad-mapping", "a mapping is wanted here", "write `key: value` lines"),
    "model_type": ("bad-mapping", "a mapping is wanted here", "write `key: value` lines"),
}
"""What is wrong with the shape of a value; the value itself, which may be a secret, is not shown."""

_VALUES = {
    "bool_parsing": ("bad-truth", "is neither true nor false", "write `true` or `false`"),
    "bool_type": ("bad-truth", "is neither true nor false", "write `true` or `false`"),
    "int_parsing": ("bad-number", "is not a whole number", "write digits alone"),
    "int_parsing_size": ("bad-number", "is not a whole number of a sensible size", "write fewer digits"),
    "int_type": ("bad-number", "is not a whole number", "write digits alone"),
    "greater_than_equal": ("bad-number", "is too small", "write {ge} or more"),
    "less_than_equal": ("bad-number", "is too large", "write {le} or less"),
    "literal_error": ("bad-choice", "is not among the choices", "write {expected}"),
}
"""What is wrong with a value that may be shown, with the remedy as a format of the error's context."""


def word(detail: ErrorDetails) -> Mistake:
    """Say what the schema found."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _SHAPES:
        return Mistake(*_SHAPES[kind])
    if kind in _VALUES:
        code, objection, remedy = _VALUES[kind]
        remedy = remedy.format(**context).replace("'", "`")
        return Mistake(code, f"`{shown(detail['input'])}` {objection}", remedy)
    return Mistake(kind, detail["msg"], str(context.get("remedy", "correct the value")))
