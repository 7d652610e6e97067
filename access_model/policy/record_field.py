"""One field of a record, and the tests on it: those of a String, and comparisons of numbers and times."""

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from access_model.facts import Record
from access_model.policy.data import Data, DataInvalid, text_of
from access_model.policy.matching import TextMatch, read_text_test

_NEGATIVE = ("not", "not_in")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS = tuple(_COMPARE)
"""The operators that a record has beyond those of a String."""


class FieldTest(Protocol):
    """A test on the values of a field."""

    def passes(self, values: tuple[str, ...]) -> bool:
        """Tell whether the values, at least one, pass."""
        ...


@dataclass(frozen=True, slots=True)
class TextTest:
    """One value passing is enough; what a field must not be, none of its values may be."""

    match: TextMatch
    """The test on one value."""
    every: bool
    """Whether every value has to pass."""

    def passes(self, values: tuple[str, ...]) -> bool:
        """Tell whether the values pass."""
        passing = (self.match.matches(value) for value in values)
        return all(passing) if self.every else any(passing)

    def __str__(self) -> str:
        return str(self.match)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares a number with a number, or a time with a time; anything else passes no test."""

    word: str
    """The operator."""
    limit: str
    """The number, or the date or time in ISO 8601 (without an offset, in UTC), as written."""

    def passes(self, values: tuple[str, ...]) -> bool:
        """Tell whether one of the values passes."""
        return any(self._passes(value) for value in values)

    def _passes(self, value: str) -> bool:
        ours, limit = _measure(value), _measure(self.limit)
        return type(ours) is type(limit) and ours is not None and _COMPARE[self.word](ours, limit)

    def __str__(self) -> str:
        return f"{self.word} {self.limit}"


def read_field_test(word: str, value: Data) -> FieldTest:
    """Read one operator with its value. Raises `DataInvalid`."""
    if word not in _COMPARE:
        return TextTest(read_text_test(word, value), word in _NEGATIVE)
    limit = text_of(value, word)
    if _measure(limit) is None:
        message = f"`{limit}` is neither a number nor a date"
        raise DataInvalid("bad-number", message, "write `3`, `2.5` or `2026-12-24T18:00:00Z`", at=(word,))
    return Comparison(word, limit)


def values_of(record: Record, path: str) -> tuple[str, ...]:
    """The values of a field as texts: the elements of a list, none of null, else the one value.

    The path counts literally first, then split at `/` or `.`.
    """
    found = _descend(record, path)
    each = found if isinstance(found, list | tuple) else [found]
    return tuple(_text(value) for value in each if value is not None)


def _descend(record: Record, path: str) -> Any:
    if path in record:
        return record[path]
    found: Any = record
    for step in path.replace("/", ".").split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), default=str)


def _measure(text: str) -> Decimal | datetime | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _moment(text)
    return number if number.is_finite() else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        moment.timestamp()
    except (ValueError, OverflowError):
        return None
    return moment
