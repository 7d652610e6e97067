"""The keys about data from outside."""

import pytest

from access_model.facts import RecordKey
from access_model.model import DirectoryFiles, RecordFile
from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read

DIRECTORY = "directory: {file: {users: users.csv, groups: groups.json}}\n"
RECORDS = "external_data:\n- {type: employee, file: people.json, foreign_key: user.email}\n"
ASKING = """\
routes:
  - from: https://app.example.com
    to: http://10.0.0.1:8080
    policy: {allow: {and: [{groups: admins}, {record: {type: employee, field: locale, is: de}}]}}
"""


def test_the_directory_comes_first() -> None:
    model = read(SIGN_IN + ROUTE + RECORDS + DIRECTORY).model
    assert model.external_data == (
        DirectoryFiles("users.csv", "groups.json"),
        RecordFile("people.json", "employee", RecordKey.USER_EMAIL),
    )


def test_where_the_data_lies_counts_for_the_revision() -> None:
    assert read(SIGN_IN + ROUTE + DIRECTORY).model.revision != read(SIGN_IN + ROUTE).model.revision


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("directory: {}\n", (6, "missing")),
        ("directory: {file: {groups: g.json}}\n", (6, "missing")),
        ("directory: {file: {usrs: g.json}}\n", (6, "unknown-key")),
        ("directory: {ldap: {}}\n", (6, "unknown-key")),
        ("external_data:\n- {type: a, foreign_key: user.id}\n", (7, "missing")),
        ("external_data:\n- {type: a, file: a.json}\n", (7, "missing")),
        ("external_data:\n- {type: a, file: a.json, foreign_key: user.name}\n", (7, "bad-choice")),
        ("external_data:\n- {tpye: a, file: a.json, foreign_key: user.id}\n", (7, "unknown-key")),
        ("external_data:\n" + 2 * "- {type: a, file: a.json, foreign_key: user.id}\n", (8, "given-twice")),
    ],
)
def test_a_mistake_is_reported_with_its_line(text: str, problem: tuple[int, str]) -> None:
    assert [(each.line, each.code) for each in problems_of(SIGN_IN + text + ROUTE)] == [problem]


def test_a_policy_without_its_facts_is_warned_of() -> None:
    warned = [(each.code, each.path) for each in read(SIGN_IN + ASKING).warnings]
    assert warned == [("no-facts", "routes[0]"), ("no-facts", "routes[0]")]
    assert read(SIGN_IN + ASKING + DIRECTORY + RECORDS).warnings == ()
    assert len(read(SIGN_IN + ASKING + DIRECTORY + RECORDS.replace("employee", "badge")).warnings) == 1
