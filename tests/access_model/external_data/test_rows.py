"""Data files to rows: what is read, and what is refused with its reason."""

import io
import zipfile

import pytest

from access_model.external_data.bundle import members
from access_model.external_data.rows import DataInvalid, read_rows

ROWS = ({"id": "1", "name": "Ann, the first"}, {"id": "2", "name": "Bob"})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b'[{"id": "1", "name": "Ann, the first"}, {"id": 2, "name": "Bob"}]'),
        ("a.csv", b'id,name\r\n1,"Ann, the first"\r\n2,Bob\r\n'),
        ("A.CSV", b'\xef\xbb\xbfid,name\n1,"Ann, the first"\n2,Bob\n'),
    ],
)
def test_json_and_csv_say_the_same(name: str, content: bytes) -> None:
    assert read_rows(name, content) == ROWS


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b"{}", "not a JSON array"),
        ("a.json", b"[1]", "element 0 is not an object"),
        ("a.json", b'[{"id": "1"}', "not JSON"),
        ("a.json", b'[{"id": "1", "x": NaN}]', "NaN"),
        ("a.json", b'[{"name": "Ann"}]', "row 1 has no `id`"),
        ("a.json", b'[{"id": ""}]', "row 1 has no `id`"),
        ("a.json", b'[{"id": true}]', "row 1 has no `id`"),
        ("a.json", b'[{"id": "1"}, {"id": 1}]', "the id `1` occurs twice"),
        ("a.json", b"[" * 100_000, "not JSON"),
        ("a.json", b"\xff", "not UTF-8"),
        ("a.csv", b"id,id\n1,2\n", "two columns have the same name"),
        ("a.csv", b"id,name\n1\n", "line 2 has not as many fields"),
        ("a.csv", b"id,name\n1,2,3\n", "line 2 has not as many fields"),
        ("a.csv", b'id,name\n1,"Ann\n', "not CSV"),
        ("a.csv", b"name\nAnn\n", "row 1 has no `id`"),
    ],
)
def test_what_is_not_right_is_refused(name: str, content: bytes, said: str) -> None:
    with pytest.raises(DataInvalid, match=said):
        read_rows(name, content)


def test_a_row_is_named_but_its_data_is_not_repeated() -> None:
    with pytest.raises(DataInvalid) as caught:
        read_rows("a.json", b'[{"id": "1", "salary": "secret"}, {"id": "1", "salary": "secret"}]')
    assert "secret" not in str(caught.value)


def _zipped(**files: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()


def test_a_bundle_has_a_type_for_each_data_file() -> None:
    content = _zipped(**{"example.com/employee.json": "[]", "geo.csv": "id\n", "README.txt": "hello", ".json": "[]"})
    assert [(kind, name) for kind, name, _ in members(content)] == [
        ("example.com/employee", "example.com/employee.json"),
        ("geo", "geo.csv"),
    ]


def test_a_bundle_cannot_unfold_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("access_model.external_data.bundle.MAX_BYTES", 10)
    with pytest.raises(DataInvalid, match="unfolds to more than"):
        list(members(_zipped(**{"a.json": "[]" * 10})))


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"", _zipped(**{"a.json": "[]"})[:-10]])
def test_a_broken_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(DataInvalid, match="not a zip archive"):
        list(members(content))
