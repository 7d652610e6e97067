"""Where a file is cut, and which files are not."""

import pytest

from access_model.load.pieces import cut


@pytest.mark.parametrize(
    "text",
    [
        '{"routes": []}',
        "routes: []\n",
        "routes:\n",
        "routes:\n  - a\n---\n",
        "a: &x 1\nroutes:\n  - a\n",
        "routes:\n  - a\n  b\nc d\n",
        "routes:\r  - a\n",
        "x\u2028routes:\n  - a\n",
    ],
)
def test_what_is_written_in_another_way_is_not_cut(text: str) -> None:
    assert cut(text) is None


@pytest.mark.parametrize(
    ("text", "routes", "tail"),
    [
        ("routes:\n- a\n- b\n", ("- a\n", "- b\n"), ""),
        (
            "routes:\n\n# x\n  - a\n#\n\n  -\n    b\n  -\tc\nd: e",
            ("\n# x\n  - a\n#\n\n", "  -\n    b\n", "  -\tc\n"),
            "d: e",
        ),
        ("a: b\r\nroutes: # c\r\n- a\r\n-b: 1\r\n", ("- a\r\n",), None),
        ("a: b\r\nroutes: # c\r\n- a\r\nb: 1\r\n", ("- a\r\n",), "b: 1\r\n"),
        ("routes:\n  - a: x&y\n    - b\n  - c", ("  - a: x&y\n    - b\n", "  - c"), ""),
    ],
)
def test_a_file_is_cut_where_its_routes_begin(text: str, routes: tuple[str, ...], tail: str | None) -> None:
    pieces = cut(text)
    if tail is None:
        assert pieces is None
    else:
        assert pieces is not None
        assert (pieces.routes, pieces.tail) == (routes, tail)
        assert pieces.head + text[len(pieces.head) :].partition("\n")[0] + "\n" + "".join(routes) + tail == text
        assert pieces.above_tail == text.removesuffix(tail).count("\n")
