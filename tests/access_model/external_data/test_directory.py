"""The directory: whom an entry belongs to, and what it brings."""

from typing import Any

import pytest

from access_model.external_data.directory import Directory, directory_of
from access_model.external_data.rows import DataInvalid
from access_model.facts import Identity

GROUPS = [{"id": "g1", "name": "engineering"}, {"id": "g2"}]


def _directory(*users: dict[str, Any]) -> Directory:
    return directory_of(users, GROUPS)


@pytest.mark.parametrize(
    "groups",
    [
        {"groups": ["g1", "g2", "g3"]},
        {"group_ids": ["g1", "g2", "g3"]},
        {"groups": "g1;g2, g3"},
        {"groups": "g1,g2;g3"},
    ],
)
def test_groups_are_ids_and_then_names(groups: dict[str, Any]) -> None:
    placed = _directory({"id": "alice", **groups}).placed(Identity("alice", "s"))
    assert placed.groups == ("g1", "g2", "g3", "engineering")


def test_who_is_not_in_it_stays_as_they_are() -> None:
    alice = Identity("alice", "s", "alice@example.com")
    assert _directory({"id": "bob", "groups": ["g1"]}).placed(alice) == alice


def test_an_entry_with_an_address_for_id_is_found_by_address() -> None:
    directory = _directory({"id": "alice@example.com", "groups": ["g2"]})
    assert directory.placed(Identity("alice", "s", "alice@example.com")).groups == ("g2",)
    assert directory.placed(Identity("alice", "s", "alice@example.com", email_verified=True)).groups == ("g2",)


def test_an_address_that_is_not_verified_finds_nothing() -> None:
    directory = _directory({"id": "alice@example.com", "groups": ["g2"]})
    assert directory.placed(Identity("mallory", "s", "alice@example.com", email_verified=False)).groups == ()


def test_the_address_of_an_entry_finds_nobody_else() -> None:
    directory = _directory({"id": "alice", "email": "alice@example.com", "groups": ["g2"]})
    assert directory.placed(Identity("mallory", "s", "alice@example.com")).groups == ()


def test_the_address_of_the_directory_counts() -> None:
    directory = _directory({"id": "alice", "email": "alice@corp.example"})
    placed = directory.placed(Identity("alice", "s", "alice@gmail.example", email_verified=False))
    assert (placed.email, placed.email_verified) == ("alice@corp.example", None)


def test_the_same_address_keeps_the_word_of_the_provider() -> None:
    directory = _directory({"id": "alice", "email": "a@corp.example"})
    assert directory.placed(Identity("alice", "s", "a@corp.example", email_verified=False)).email_verified is False


@pytest.mark.parametrize("user", [{"id": "a", "groups": 7}, {"id": "a", "groups": [{}]}, {"id": "a", "email": ["x"]}])
def test_what_is_not_right_is_refused(user: dict[str, Any]) -> None:
    with pytest.raises(DataInvalid, match="`a`"):
        _directory(user)
