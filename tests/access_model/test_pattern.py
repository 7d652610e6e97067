"""Expressions in RE2's syntax, matched as a whole."""

import pytest

from access_model.pattern import Pattern, PatternInvalid


@pytest.mark.parametrize(
    ("text", "path", "matches"),
    [
        ("/a", "/a", True),
        ("/a", "/ab", False),
        ("/a|/b", "/b", True),
        ("/a|/b", "/bx", False),
        ("^/a$", "/a", True),
        ("/a$", "/a\n", False),
        ("(?i)/a", "/A", True),
        (r"/\d+", "/\u0661", False),
        ("/[[:alpha:]]+", "/abc", True),
        ("/\u00e9", "/\u00e9", True),
        ("/.*", "/\udcff", False),
    ],
)
def test_matching(text: str, path: str, matches: bool) -> None:
    assert Pattern(text).matches(path) is matches


@pytest.mark.parametrize(
    "text",
    ["(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", r"(a)\1", "(?P=a)", "(?>a)", "a++", "(?(1)a)", "[", "a{1001}", "\udcff"],
)
def test_what_envoy_would_refuse(text: str) -> None:
    with pytest.raises(PatternInvalid):
        Pattern(text)
