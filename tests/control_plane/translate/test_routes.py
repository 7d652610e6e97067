"""What replaces the matched part of a path."""

import pytest

from access_model.model import PathMatch
from control_plane.translate.routes import rewritten_prefix


@pytest.mark.parametrize(
    ("prefix", "target_path", "rewritten"),
    [
        ("/", "", ""),
        ("/a", "/", ""),
        ("/", "/x", "/x/"),
        ("/", "/x/", "/x/"),
        ("/a", "/x", "/x"),
        ("/a", "/x/", "/x"),
        ("/a/", "/x", "/x/"),
        ("/a/", "/x/y/", "/x/y/"),
    ],
)
def test_a_prefix_is_replaced_without_losing_or_doubling_a_slash(prefix: str, target_path: str, rewritten: str) -> None:
    assert rewritten_prefix(PathMatch("prefix", prefix), target_path) == rewritten


@pytest.mark.parametrize("kind", ["path", "regex"])
def test_a_whole_path_is_replaced_as_written(kind: str) -> None:
    assert rewritten_prefix(PathMatch(kind, "/a"), "/x/") == "/x/"  # type: ignore[arg-type]
