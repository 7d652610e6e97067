"""The bytes of a data file to rows: a JSON array of objects, or CSV with a line of names; both with an `id`."""

import csv
import json
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

Row = Mapping[str, Any]
"""Field to text, number, truth, None, list or mapping; `id` is a text that is not empty."""


class DataInvalid(ValueError):
    """A data file cannot be used; the message says why, with line or position, and repeats no data but ids."""

    code = "data-invalid"


def read_rows(name: str, content: bytes) -> tuple[Row, ...]:
    """The rows of a file named `….csv`, or of JSON under any other name. Raises `DataInvalid`.

    Every `id` occurs once; a number stands for its digits.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataInvalid("it is not UTF-8 text") from None
    rows = _csv(text) if name.lower().endswith(".csv") else _json(text)
    return tuple(_identified(rows))


def _json(text: str) -> Iterable[Row]:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DataInvalid(f"it is not JSON: {error}") from None
    if not isinstance(value, list):
        raise DataInvalid("it is not a JSON array of objects")
    for index, row in enumerate(value):
        if not isinstance(row, dict):
            raise DataInvalid(f"element {index} is not an object")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _csv(text: str) -> Iterable[Row]:
    reader = csv.DictReader(StringIO(text), strict=True)
    try:
        names = reader.fieldnames or ()
        if len(set(names)) < len(names):
            raise DataInvalid("two columns have the same name")
        for row in reader:
            if None in row or None in row.values():
                raise DataInvalid(f"line {reader.line_num} has not as many fields as the first line has names")
            yield row
    except csv.Error as error:
        raise DataInvalid(f"line {reader.line_num} is not CSV: {error}") from None


def _identified(rows: Iterable[Row]) -> Iterable[Row]:
    seen: set[str] = set()
    for index, row in enumerate(rows):
        given = row.get("id")
        identifier = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
        if not identifier:
            raise DataInvalid(f"row {index + 1} has no `id`")
        if identifier in seen:
            raise DataInvalid(f"the id `{identifier}` occurs twice")
        seen.add(identifier)
        yield {**row, "id": identifier}
