"""The list of what must hold names tests that exist, so that neither can be lost without the other."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

TESTS = Path(__file__).parents[1]
ROWS: dict[str, dict[Any, dict[str, Any]]] = yaml.safe_load(Path(__file__).with_name("rows.yaml").read_text("utf-8"))
NAMED = sorted({name for part in ROWS.values() for row in part.values() for name in row.get("tests", ())})


@pytest.mark.parametrize("name", NAMED)
def test_a_named_test_exists(name: str) -> None:
    file, _, function = name.partition("::")
    assert function in _tests_of(TESTS / f"{file}.py")


def test_each_row_says_what_holds_and_is_held_or_waits() -> None:
    for part, rows in ROWS.items():
        for number, row in rows.items():
            assert set(row) <= {"holds", "tests", "later"}, (part, number)
            assert row["holds"], (part, number)
            assert row.get("tests") or row.get("later"), (part, number)


def test_nothing_that_a_sign_in_is_to_be_checked_for_is_left_out() -> None:
    ranges = [[int(end) for end in str(row).split("-")] for row in ROWS["sign_in"]]
    assert [number for first, *last in ranges for number in range(first, (last or [first])[0] + 1)] == [*range(1, 77)]


@cache
def _tests_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text("utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))
