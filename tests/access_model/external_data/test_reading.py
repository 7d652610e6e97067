"""All sources together: tables, networks, and what stays when a file is broken."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from access_model.external_data import NO_DATA, ExternalData, SourceProblem, read_external_data
from access_model.facts import Identity, RecordKey
from access_model.model import DataSource, DirectoryFiles, RecordFile

PEOPLE = RecordFile("people.json", "example.com/employee", RecordKey.USER_EMAIL)
NETWORKS = RecordFile("networks.csv", "geo", RecordKey.ADDRESS)
CERTIFICATES = RecordFile("certificates.json", "device", RecordKey.CERTIFICATE)
BUNDLE = RecordFile("bundle.zip", None, RecordKey.USER_ID)
NETWORK_LINES = (b"a,10.0.0.0/8,DE", b"b,10.1.0.0/16,AT", b"c,2001:db8::/32,CH", b"d,0.0.0.0/0,XX")
DIRECTORY = DirectoryFiles("users.json", "groups.json")

OF_FILE: dict[str, DataSource] = {
    "people.json": PEOPLE,
    "networks.csv": NETWORKS,
    "bundle.zip": BUNDLE,
    "users.json": DIRECTORY,
    "groups.json": DIRECTORY,
}


def _files(**more: bytes) -> dict[str, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("example.com/role.json", '[{"id": "alice", "role": "boss"}]')
        opened.writestr("badge.csv", "id,number\nalice,7\n")
    return {
        "people.json": b'[{"id": "alice@example.com", "locale": "de", "level": 3}]',
        "networks.csv": b"id,$index.cidr,country\n" + b"\n".join(NETWORK_LINES),
        "certificates.json": json.dumps([{"id": "AB:" * 31 + "AB", "owner": "alice"}]).encode(),
        "bundle.zip": archive.getvalue(),
        "users.json": b'[{"id": "alice", "groups": ["g1"]}]',
        "groups.json": b'[{"id": "g1", "name": "admins"}]',
    } | {name.replace("_", "."): content for name, content in more.items()}


def _read(
    *sources: DataSource, files: Mapping[str, bytes], before: ExternalData = NO_DATA
) -> tuple[ExternalData, tuple[SourceProblem, ...]]:
    def read_file(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory")
        return files[name]

    return read_external_data(sources, read_file, before)


@pytest.mark.parametrize(
    ("kind", "key", "found"),
    [
        ("example.com/employee", "alice@example.com", {"id": "alice@example.com", "locale": "de", "level": 3}),
        ("example.com/employee", "Alice@example.com", None),
        ("example.com/role", "alice", {"id": "alice", "role": "boss"}),
        ("badge", "alice", {"id": "alice", "number": "7"}),
        ("no-such-type", "alice", None),
    ],
)
def test_a_record_is_found_by_its_key(kind: str, key: str, found: dict[str, Any] | None) -> None:
    data, problems = _read(PEOPLE, BUNDLE, files=_files())
    assert (data.records.find(kind, key), problems) == (found, ())


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("10.1.2.3", "AT"),
        ("10.2.0.1", "DE"),
        ("192.0.2.1", "XX"),
        ("2001:db8::7", "CH"),
        ("2001:db9::1", None),
        ("x", None),
    ],
)
def test_the_longest_network_around_an_address_counts(address: str, country: str | None) -> None:
    data, _ = _read(NETWORKS, files=_files())
    record = data.records.find("geo", address)
    assert (record["country"] if record else None) == country


def test_a_network_may_stand_in_the_index_or_the_id() -> None:
    content = json.dumps([{"id": "x", "$index": {"cidr": "10.0.0.0/8"}, "n": 1}, {"id": "192.0.2.7", "n": 2}])
    source = RecordFile("nets.json", "geo", RecordKey.ADDRESS)
    data, _ = _read(source, files={"nets.json": content.encode()})
    found = [data.records.find("geo", address) for address in ("10.0.0.1", "192.0.2.7", "192.0.2.8")]
    assert [record and record["n"] for record in found] == [1, 2, None]


def test_fingerprints_are_compared_in_one_spelling() -> None:
    data, _ = _read(CERTIFICATES, files=_files())
    assert (data.records.find("device", "ab" * 32) or {})["owner"] == "alice"


def test_key_of_tells_types_that_were_read_from_others() -> None:
    data, _ = _read(PEOPLE, BUNDLE, files=_files())
    assert data.records.key_of("example.com/employee") is RecordKey.USER_EMAIL
    assert data.records.key_of("badge") is RecordKey.USER_ID
    assert data.records.key_of("other") is None


def test_the_directory_names_groups() -> None:
    data, _ = _read(DIRECTORY, files=_files())
    assert data.directory is not None
    assert data.directory.placed(Identity("alice", "s")).groups == ("g1", "admins")


@pytest.mark.parametrize(
    ("broken", "file", "said"),
    [
        ({"people_json": b"["}, "people.json", "not JSON"),
        ({"networks_csv": b"id\nsomewhere\n"}, "networks.csv", "`somewhere` names no network"),
        ({"networks_csv": b"id,$index.cidr\na,10.0.0.0/8\nb,10.0.0.0/8\n"}, "networks.csv", "occurs twice"),
        ({"bundle_zip": b"[]"}, "bundle.zip", "not a zip bundle"),
        ({"users_json": b'[{"id": "alice", "groups": 7}]'}, "users.json", "not a list of ids"),
        ({"groups_json": b"{"}, "groups.json", "not JSON"),
    ],
)
def test_a_broken_file_keeps_what_it_said_and_holds_up_no_other(broken: dict[str, bytes], file: str, said: str) -> None:
    sources = (DIRECTORY, PEOPLE, NETWORKS, BUNDLE)
    before, _ = _read(*sources, files=_files())
    others = {"people_json": b"[]", "networks_csv": b"id\n", "users_json": b"[]"}
    after, (problem,) = _read(*sources, files=_files(**{**others, **broken}), before=before)
    assert (problem.file, problem.kept) == (file, True)
    assert said in problem.reason
    same = {source for source in sources if after.parts[source] == before.parts[source]}
    assert same == {OF_FILE[file], BUNDLE}


def test_a_file_that_never_was_read_leaves_nothing_behind() -> None:
    data, (problem,) = _read(PEOPLE, files={})
    assert (problem.kept, problem.reason) == (False, "no such file or directory")
    assert data.records.key_of("example.com/employee") is None


def test_two_sources_cannot_bring_the_same_type() -> None:
    other = RecordFile("more.json", "badge", RecordKey.USER_ID)
    data, (problem,) = _read(BUNDLE, other, files=_files(more_json=b"[]"))
    assert "`badge` already" in problem.reason
    assert data.records.find("badge", "alice") is not None
