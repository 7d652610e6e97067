"""Directory groups and records from files: a change counts at the next request, what is broken changes nothing."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.assertions import assertion_of, verified_claims
from tests.harness.identity_provider import ALICE
from tests.harness.stack import APP, Stack, running_stack

ADMINS = "admins.localhost"
STAFF = "staff.localhost"
RECORD = {"record": {"type": "example.com/employee", "field": "locale", "is": "de"}}
ROUTES: list[dict[str, Any]] = [
    {"from": f"https://{ADMINS}:{{port}}", "to": "{app}", "allowed_groups": ["Administrators"]},
    {"from": f"https://{STAFF}:{{port}}", "to": "{app}", "policy": {"allow": {"and": [RECORD]}}},
]
SETTINGS = {
    "directory": {"file": {"users": "data/users.json", "groups": "data/groups.csv"}},
    "external_data": [{"type": "example.com/employee", "file": "data/employees.csv", "foreign_key": "user.email"}],
}


class Running:
    """The stack with its data files."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self._folder = folder

    def users(self, *groups_of_alice: str) -> None:
        """Say whom Alice is with."""
        self.write("users.json", json.dumps([{"id": ALICE.id, "groups": groups_of_alice}]), "external_data_read")

    def write(self, name: str, text: str, event: str) -> None:
        """Replace a file, and wait until the running service says so."""
        before = self.count(event)
        write(self._folder, name, text)
        self.stack.ostiary.process.wait_until(lambda: self.count(event) > before, what=event)

    def count(self, event: str) -> int:
        """How often the log has an event."""
        return sum(one.get("event") == event for one in self.stack.ostiary.events())


def write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    draft = folder / f".{name}"
    draft.write_text(text)
    draft.replace(folder / name)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("external-data")
    data = folder / "data"
    write(data, "users.json", json.dumps([{"id": ALICE.id, "groups": ["g1"]}]))
    write(data, "groups.csv", "id,name\ng1,Engineers\ng2,Administrators\n")
    write(data, "employees.csv", f"id,locale\n{ALICE.email},en\n")
    with running_stack(folder, routes=ROUTES, settings=SETTINGS) as stack:
        yield Running(stack, data)


def test_a_changed_group_counts_at_the_next_request_without_a_login(running: Running) -> None:
    stack = running.stack
    with stack.signed_in(ALICE, APP) as client:
        claims = verified_claims(stack, assertion_of(stack.app.last()), APP)
        assert claims["groups"] == ["g1", "Engineers"]
        assert client.get(stack.url(ADMINS)).status_code == HTTPStatus.FORBIDDEN
        running.users("g1", "g2")
        assert client.get(stack.url(ADMINS)).status_code == HTTPStatus.OK
        claims = verified_claims(stack, assertion_of(stack.app.last()), ADMINS)
        assert claims["groups"] == ["g1", "g2", "Engineers", "Administrators"]
        running.users("g1")
        assert client.get(stack.url(ADMINS)).status_code == HTTPStatus.FORBIDDEN


def test_a_broken_file_changes_nothing_and_holds_up_no_other(running: Running) -> None:
    stack = running.stack
    with stack.signed_in(ALICE, APP) as client:
        assert client.get(stack.url(STAFF)).status_code == HTTPStatus.FORBIDDEN
        running.write("employees.csv", f"id,locale\n{ALICE.email},de\n", "external_data_read")
        assert client.get(stack.url(STAFF)).status_code == HTTPStatus.OK
        running.write("employees.csv", "id,locale\n1\n", "external_data_refused")
        (refused, *_) = [one for one in stack.ostiary.events() if one.get("event") == "external_data_refused"]
        assert refused["file"].endswith("/data/employees.csv")
        assert "line 2" in refused["reason"]
        assert client.get(stack.url(STAFF)).status_code == HTTPStatus.OK
        running.users("g2")
        assert client.get(stack.url(ADMINS)).status_code == HTTPStatus.OK
