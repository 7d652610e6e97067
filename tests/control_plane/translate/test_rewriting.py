"""What replaces the matched part of a path."""

import re

import pytest

from access_model.forwarding import PrefixRewrite, RegexRewrite
from access_model.model import PathMatch
from control_plane.translate.rewriting import path_fields, prefix_fields
from tests.control_plane.translate.models import a_route


@pytest.mark.parametrize(
    ("prefix", "replacement", "rewritten"),
    [
        ("/", "/", None),
        ("/a/", "/", "/"),
        ("/a/", "/a/", None),
        ("/", "/x", "/x/"),
        ("/", "/x/", "/x/"),
        ("/a", "/x", "/x"),
        ("/a", "/x/", "/x"),
        ("/a/", "/x", "/x/"),
        ("/a/", "/x/y/", "/x/y/"),
    ],
)
def test_a_prefix_is_replaced_without_losing_or_doubling_a_slash(
    prefix: str, replacement: str, rewritten: str | None
) -> None:
    fields = prefix_fields(PathMatch("prefix", prefix), replacement)
    assert fields == ({} if rewritten is None else {"prefix_rewrite": rewritten})


@pytest.mark.parametrize(("path", "rewritten"), [("/a.b", "/"), ("/a.b/", "/"), ("/a.b/c", "/c"), ("/a.bc", "/c")])
def test_a_prefix_gives_way_to_nothing(path: str, rewritten: str) -> None:
    substitute = prefix_fields(PathMatch("prefix", "/a.b"), "/")["regex_rewrite"]
    assert re.sub(substitute.pattern.regex, substitute.substitution, path) == rewritten
    assert re.search(substitute.pattern.regex, "/axb") is None


@pytest.mark.parametrize("kind", ["path", "regex"])
def test_a_whole_path_is_replaced_as_written(kind: str) -> None:
    fields = prefix_fields(PathMatch(kind, "/a"), "/x/")  # type: ignore[arg-type]
    assert fields == {"prefix_rewrite": "/x/"}


def test_what_the_route_says_beats_a_path_in_to() -> None:
    assert path_fields(a_route()) == {}
    assert path_fields(a_route(target_path="/x")) == {"prefix_rewrite": "/x/"}
    assert path_fields(a_route(target_path="/x", rewrite=PrefixRewrite("/y"))) == {"prefix_rewrite": "/y/"}
    (name,) = path_fields(a_route(target_path="/x", rewrite=RegexRewrite("^/a", "/b")))
    assert name == "regex_rewrite"
