"""YAML to a tree: scalars as written, places, aliases within limits."""

from access_model.load.document import MAX_DEPTH, Tree, read_document
from access_model.load.marks import Marks
from access_model.load.problems import Report


def read_tree(text: str) -> tuple[dict[str, Tree], Report]:
    report = Report(Marks("f.yaml"))
    return read_document(text, report), report


def test_scalars_stay_what_was_written() -> None:
    tree, _ = read_tree("a: 007\nb: yes\nc: 12:30:00\nd: 1e3\ne: 2020-01-01\nf: ~\ng: ''\nh: 'null'\n")
    assert tree == {
        "a": "007", "b": "yes", "c": "12:30:00", "d": "1e3", "e": "2020-01-01", "f": None, "g": "", "h": "null",
    }  # fmt: skip


def test_json_is_yaml() -> None:
    tree, report = read_tree('{"a": [1, {"b": null}], "c": true}')
    assert tree == {"a": ["1", {"b": None}], "c": "true"}
    assert not report.errors


def test_every_value_has_its_place() -> None:
    _, report = read_tree("a:\n  - x\n  - b: y\n    c: z\n")
    places = {path: report.marks.of(path) for path in [("a",), ("a", 1), ("a", 1, "c"), ("a", 1, "nowhere"), ("z",)]}
    assert [(mark.line, mark.column) for mark in places.values()] == [(1, 1), (3, 5), (4, 5), (3, 5), (None, None)]


def test_aliases_and_merge_keys() -> None:
    tree, report = read_tree("a: &x {p: 1, q: 2}\nb: *x\nc: {<<: *x, q: 3}\nd: {q: 4, <<: [*x, {r: 5, p: 6}]}\n")
    assert tree["b"] == {"p": "1", "q": "2"}
    assert tree["c"] == {"p": "1", "q": "3"}
    assert tree["d"] == {"p": "1", "q": "4", "r": "5"}
    assert not report.errors


def test_a_small_file_cannot_unfold_into_a_large_one() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    _, report = read_tree("\n".join(lines))
    assert [each.code for each in report.errors] == ["too-many-aliases"]


def test_an_alias_to_itself_is_refused() -> None:
    _, report = read_tree("a: &a [x, *a]\n")
    assert [(each.code, each.path) for each in report.errors] == [("recursive-alias", "a[1]")]


def test_depth_is_bounded() -> None:
    _, report = read_tree("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert [each.code for each in report.errors] == ["too-deep"]


def test_all_duplicates_are_reported_where_they_stand() -> None:
    tree, report = read_tree("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert tree == {"a": "1", "b": {"c": "1"}}
    assert [(each.path, each.line, each.column) for each in report.errors] == [("b.c", 2, 11), ("a", 3, 1)]


def test_keys_are_words() -> None:
    _, report = read_tree("? [a]\n: b\n")
    assert [each.code for each in report.errors] == ["bad-key"]


def test_code_is_never_built() -> None:
    _, report = read_tree("a: !!python/object/apply:os.system ['true']\nb: !!binary aGk=\n")
    assert [(each.path, each.code) for each in report.errors] == [("a", "bad-tag"), ("b", "bad-tag")]
