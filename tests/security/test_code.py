"""What no request can show: how secrets are compared, and which libraries are asked."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

HOUSE = Path(__file__).parents[2]
ROOMS = ("access_model", "session_store", "extauthz", "ostiary")
SECRET = re.compile(r"(?:^|_)(?:secret|signature|nonce|digest|mac|verifier|at_hash|password)$")
MAKES_ONE = re.compile(r"(?:^|_)(?:hash|signature|digest|hexdigest|mac|seal)$")


def test_secrets_are_compared_in_constant_time() -> None:
    """`==` stops at the first byte that differs. Dictionaries and SQL look up hashes, which tell nothing."""
    found = [place for room in ROOMS for file in (HOUSE / room).rglob("*.py") for place in _plain_comparisons(file)]
    assert found == []


@pytest.mark.parametrize(("library", "fixed"), [("joserfc", "1.7.4"), ("authlib", "1.6.9")])
def test_the_jose_libraries_are_the_mended_ones(library: str, fixed: str) -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]
    (wanted,) = [each for text in project["dependencies"] if (each := Requirement(text)).name == library]
    assert not wanted.specifier.contains(f"{fixed}.dev0", prereleases=True)
    assert wanted.specifier.contains(fixed)


def _plain_comparisons(file: Path) -> list[str]:
    tree = ast.parse(file.read_text("utf-8"))
    comparisons = (node for node in ast.walk(tree) if isinstance(node, ast.Compare))
    return [
        f"{file.relative_to(HOUSE)}:{node.lineno}"
        for node in comparisons
        if any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops)
        and any(_names_a_secret(each) for each in (node.left, *node.comparators))
        and not any(isinstance(each, ast.Constant) for each in (node.left, *node.comparators))
    ]


def _names_a_secret(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return MAKES_ONE.search(_name(node.func)) is not None
    return SECRET.search(_name(node)) is not None


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
