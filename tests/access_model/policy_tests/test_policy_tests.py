"""Policy tests as data: reading them, running them, and what they leave out."""

from datetime import UTC, datetime
from ipaddress import ip_address
from textwrap import dedent

import pytest

from access_model.explanation import explain_policy
from access_model.facts import Identity
from access_model.load import ConfigurationInvalid
from access_model.policy import PolicyInput
from access_model.policy_tests import Case, Seen, coverage, read_policy_tests, run
from tests.access_model.people import NOW, REQUEST
from tests.access_model.reading import SIGN_IN, read

DOCUMENT = """\
users:
  alice: {id: alice-id, email: alice@example.com, groups: admins, claims: {department: [eng, ops]}}
  bob: {}
tests:
  - name: both may read
    user: [alice, bob]
    request: [GET https://app.example.com/, head https://app.example.com/x]
    headers: {X-Role: [a, b]}
    ip: 192.0.2.7
    at: 2030-01-31T09:00:00Z
    expect: allow
    reasons: [user-ok]
  - request: GET https://app.example.com/
    expect: login
"""
MODEL = read(
    SIGN_IN
    + """\
routes:
  - {from: 'https://app.example.com', to: 'http://a:1', allowed_users: [alice, bob], allowed_domains: [corp.example]}
  - {from: 'https://any.example.com', to: 'http://a:1', allow_any_authenticated_user: true}
  - {from: 'https://public.example.com', to: 'http://a:1', allow_public_unauthenticated_access: true}
"""
).model


def _problems(text: str) -> list[tuple[int | None, str, str | None]]:
    with pytest.raises(ConfigurationInvalid) as caught:
        read_policy_tests(dedent(text), "app.policy-test.yaml")
    return [(each.line, each.code, each.suggestion) for each in caught.value.problems]


def test_a_test_of_several_people_and_requests_is_several_cases() -> None:
    cases = read_policy_tests(DOCUMENT, "app.policy-test.yaml")
    assert [(case.person.name if case.person else None, case.method, case.url[-1]) for case in cases] == [
        ("alice", "GET", "/"),
        ("alice", "HEAD", "x"),
        ("bob", "GET", "/"),
        ("bob", "HEAD", "x"),
        (None, "GET", "/"),
    ]


def test_a_case_holds_all_that_the_file_says() -> None:
    first, *_, last = read_policy_tests(DOCUMENT, "app.policy-test.yaml")
    assert first.person is not None
    assert (first.person.id, first.person.groups) == ("alice-id", ("admins",))
    assert first.person.claims == {"department": ("eng", "ops")}
    assert first.headers == (("X-Role", "a"), ("X-Role", "b"))
    assert (first.address, first.at) == (ip_address("192.0.2.7"), datetime(2030, 1, 31, 9, tzinfo=UTC))
    assert (first.expect, first.reasons, first.source) == ("allow", ("user-ok",), "app.policy-test.yaml:5")
    assert (last.title, last.at) == ("test 2: a stranger GET https://app.example.com/", None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tests: [{request: GET https://a/, expect: alow}]", (1, "bad-choice", None)),
        ("tests: [{request: GET https://a/}]", (1, "missing", None)),
        ("tests: [{expect: allow}]", (1, "missing", None)),
        ("tests: [{request: GET, expect: allow}]", (1, "bad-request", None)),
        (
            "users: {alice: {}}\ntests:\n- {user: alcie, request: GET https://a/, expect: deny}",
            (3, "unknown-user", "alice"),
        ),
        ("users: {alice: {emial: x}}\ntests: []", (1, "unknown-key", "email")),
        ("tests:\n- {reqest: GET https://a/}", (2, "unknown-key", "request")),
        ("test: []", (1, "unknown-key", "tests")),
        ("tests:\n- {request: GET https://a/, expect: deny, ip: localhost}", (2, "bad-address", None)),
        ("tests:\n- {request: GET https://a/, expect: deny, at: '2030-01-31T09:00:00'}", (2, "bad-time", None)),
        ("tests:\n- {request: GET https://a/, expect: deny, reasons: [email-okay]}", (2, "unknown-reason", None)),
        ("users: {}", (None, "no-tests", None)),
        ("tests: [", (2, "yaml-syntax", None)),
        ("- tests", (None, "not-a-mapping", None)),
        ("", (None, "empty-file", None)),
    ],
)
def test_a_mistake_is_reported_with_its_line(text: str, problem: tuple[int | None, str, str | None]) -> None:
    assert problem in _problems(text)


def test_all_mistakes_are_reported_at_once() -> None:
    text = "users: {a: {claims: 7}}\ntests:\n- {expect: maybe}\n- {expect: allow, ips: 1}\n"
    assert [line for line, *_ in _problems(text)] == [1, 3, 4]


def _judge(case: Case) -> Seen:
    """Decide by the first route's policy alone."""
    identity = Identity(case.person.id, "s", case.person.email) if case.person else None
    found = explain_policy(MODEL.routes[0].policy, PolicyInput(REQUEST, identity, NOW))
    allowed = any(each.value for each in found.checked)
    reasons = tuple(reason for each in found.checked for reason in each.reasons)
    return Seen("allow" if allowed else "deny", reasons, "", MODEL.routes[0].id, found)


def _cases(*lines: str) -> tuple[Case, ...]:
    users = "users: {alice: {}, carol: {email: carol@corp.example}, dave: {email: d@x}}\ntests:\n"
    return read_policy_tests(
        users + "\n".join(f"- {{request: GET https://app.example.com/, {each}}}" for each in lines), "t"
    )


def test_a_result_says_what_came_otherwise() -> None:
    results = run(
        _cases(
            "user: alice, expect: allow", "user: dave, expect: allow", "user: alice, expect: allow, reasons: [email-ok]"
        ),
        _judge,
    )
    assert [result.passed for result in results] == [True, False, False]
    assert results[0].complaint == ""
    assert results[1].complaint.startswith("expected allow, got deny (domain-unauthorized")
    assert results[2].complaint.startswith("expected the reason email-ok, got")


def test_a_criterion_is_exercised_when_it_held_and_did_not() -> None:
    results = run(_cases("user: alice, expect: allow", "user: dave, expect: deny"), _judge)
    found = {each.criterion: (each.held, each.failed, each.exercised) for each in coverage(MODEL, results)}
    assert found["user: alice"] == (True, True, True)
    assert found["user: bob"] == (False, True, False)
    assert found["domain: corp.example"] == (False, True, False)
    assert found["authenticated_user"] == found["accept"] == (False, False, False)


def test_a_stranger_exercises_nothing_about_people() -> None:
    results = run(_cases("expect: deny"), _judge)
    assert not any(each.held or each.failed for each in coverage(MODEL, results))


def test_what_has_one_outcome_needs_one_case() -> None:
    def public(case: Case) -> Seen:
        route = MODEL.routes[2]
        return Seen(
            "allow", route_id=route.id, explanation=explain_policy(route.policy, PolicyInput(REQUEST, None, NOW))
        )

    found = {each.criterion: each.exercised for each in coverage(MODEL, run(_cases("expect: allow"), public))}
    assert found["accept"] is True
