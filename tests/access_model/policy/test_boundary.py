"""Until when a decision stands."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from access_model.policy import next_boundary, parse_policy
from tests.access_model.people import STRANGER
from tests.access_model.policy.documents import people, read_tree


@pytest.mark.parametrize(
    ("criterion", "now", "boundary"),
    [
        ("accept: true", "2026-11-22T12:00:00Z", None),
        ("date: {after: 2026-11-23}", "2026-11-22T12:00:00Z", "2026-11-23T00:00:00Z"),
        ("date: {after: 2026-11-23, before: 2026-11-24}", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
        ("date: {after: 2026-11-23}", "2026-11-23T00:00:00Z", None),
        ("day_of_week: '*'", "2026-11-22T12:00:00Z", None),
        ("day_of_week: mon", "2026-11-22T12:00:00Z", "2026-11-23T00:00:00Z"),
        ("day_of_week: {days: mon, timezone: Europe/Berlin}", "2026-11-22T12:00:00Z", "2026-11-22T23:00:00Z"),
        ("time_of_day: {timezone: UTC, after: '13:00'}", "2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z"),
        ("time_of_day: {timezone: UTC, after: '13:00'}", "2026-11-22T13:00:00Z", "2026-11-23T00:00:00Z"),
        # Clocks in Berlin are put forward at 01:00 UTC: 02:30 is skipped, and the criterion holds from 03:00 on.
        ("time_of_day: {timezone: Europe/Berlin, after: '2:30'}", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
        # They are put back at 01:00 UTC: 02:30 comes twice, and between both comes 02:00 once more.
        ("time_of_day: {timezone: Europe/Berlin, after: '2:30'}", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"),
        ("time_of_day: {timezone: Europe/Berlin, after: '2:30'}", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"),
        ("time_of_day: {timezone: Europe/Berlin, after: '2:30'}", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"),
    ],
)
def test_boundary(criterion: str, now: str, boundary: str | None) -> None:
    policy = parse_policy(read_tree(f"{{allow: {{or: [{{{criterion}}}]}}}}")).policy
    expected = datetime.fromisoformat(boundary) if boundary else None
    assert next_boundary(policy, replace(STRANGER, now=datetime.fromisoformat(now))) == expected


def test_the_first_of_several_counts_under_either_action() -> None:
    text = "{allow: {or: [{date: {before: 2026-11-25}}]}, deny: {not: [{date: {after: 2026-11-23}}]}}"
    policy = parse_policy(read_tree(text)).policy
    asked = replace(STRANGER, now=datetime(2026, 11, 22, tzinfo=UTC))
    assert next_boundary(policy, asked) == datetime(2026, 11, 23, tzinfo=UTC)


def test_the_age_of_a_sign_in_has_one_boundary() -> None:
    policy = parse_policy(read_tree("{allow: {or: [{auth_age: 90m}]}}")).policy
    alice = replace(STRANGER, identity=people()["alice"], now=datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert next_boundary(policy, alice) == datetime(2026, 11, 22, 12, 30, 0, 1, tzinfo=UTC)
    assert next_boundary(policy, replace(alice, now=datetime(2026, 11, 22, 13, tzinfo=UTC))) is None
    assert next_boundary(policy, replace(alice, identity=people()["bob"])) is None
