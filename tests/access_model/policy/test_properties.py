"""Random policies of all criteria, asked all that the tables ask: what holds for every one of them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access_model.facts import NO_RECORDS, ClientCertificate, Identity
from access_model.policy import (
    Dependencies,
    Operator,
    Policy,
    PolicyInput,
    Rule,
    evaluate,
    explain,
    next_boundary,
    parse_policy,
    step_up,
)
from access_model.policy.criteria import WORDS, Accept
from access_model.policy.criteria.session import SessionCriterion
from access_model.policy.tree import Leaf, leaves
from tests.access_model.policy.documents import FOLDER, every_case, people

T = TypeVar("T")


def every_leaf() -> Iterator[Leaf]:
    for case in every_case():
        policy = case.policy()
        for rule in (*policy.allow, *policy.deny):
            yield from leaves(rule)


LEAVES = list(dict.fromkeys(every_leaf()))
NEEDING = [leaf for leaf in LEAVES if Dependencies.SESSION in leaf.depends_on]
ASKED = [case.asked for case in every_case()]
STRANGERS = [asked for asked in ASKED if asked.identity is None]


def rules_of(these: Sequence[Leaf]) -> st.SearchStrategy[tuple[Rule, ...]]:
    kinds = st.sampled_from(["and", "or", "not", "nor"])
    operators = st.builds(Operator, kinds, st.lists(st.sampled_from(these), max_size=4).map(tuple))
    return st.lists(st.builds(Rule, st.lists(operators, max_size=3).map(tuple)), max_size=3).map(tuple)


POLICIES = st.builds(Policy, rules_of(LEAVES), rules_of(LEAVES))


@settings(max_examples=500, deadline=None)
@given(POLICIES, st.sampled_from(ASKED))
def test_evaluation_is_total(policy: Policy, asked: PolicyInput) -> None:
    assert evaluate(policy, asked) == evaluate(policy, asked)
    assert len(explain(policy, asked)) == sum(len(list(leaves(rule))) for rule in (*policy.allow, *policy.deny))
    boundary = next_boundary(policy, asked)
    assert boundary is None or boundary > asked.now
    step_up(policy, asked)


@settings(max_examples=300, deadline=None)
@given(POLICIES, st.sampled_from(ASKED))
def test_deny_wins(policy: Policy, asked: PolicyInput) -> None:
    denied = policy | Policy(deny=(Rule((Operator("or", (Accept(),)),)),))
    assert not evaluate(denied, asked).permits


@settings(max_examples=300, deadline=None)
@given(POLICIES, st.sampled_from(ASKED), st.randoms(use_true_random=False))
def test_order_is_irrelevant(policy: Policy, asked: PolicyInput, dice: random.Random) -> None:
    def mixed(things: Sequence[T]) -> tuple[T, ...]:
        return tuple(dice.sample(list(things), len(things)))

    def turned(rules: Sequence[Any]) -> tuple[Rule, ...]:
        return mixed(
            [Rule(mixed([Operator(each.kind, mixed(each.criteria)) for each in rule.operators])) for rule in rules]
        )

    one, other = evaluate(policy, asked), evaluate(Policy(turned(policy.allow), turned(policy.deny)), asked)
    assert (one.allow, one.deny, bool(one.problem)) == (other.allow, other.deny, bool(other.problem))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(LEAVES), st.sampled_from(ASKED))
def test_negating_twice_gives_the_truth_back(leaf: Leaf, asked: PolicyInput) -> None:
    """`and` under allow, and `not` under deny: what the one allows is what the other does not deny."""
    once = evaluate(Policy((Rule((Operator("and", (leaf,)),)),)), asked)
    twice = evaluate(Policy(deny=(Rule((Operator("not", (leaf,)),)),)), asked)
    if not once.problem:
        assert once.allow.value is not twice.deny.value
        assert once.allow.reasons == twice.deny.reasons
        assert once.allow.negated().negated() == once.allow


@settings(max_examples=500, deadline=None)
@given(rules_of(NEEDING), rules_of(LEAVES), st.sampled_from(STRANGERS))
def test_no_stranger_passes_unless_a_criterion_needs_no_session(
    allow: tuple[Rule, ...], deny: tuple[Rule, ...], asked: PolicyInput
) -> None:
    keyed_by_people = [
        leaf for rule in allow for leaf in leaves(rule) if isinstance(leaf, SessionCriterion) or leaf.name == "auth_age"
    ]
    if len(keyed_by_people) == sum(len(list(leaves(rule))) for rule in allow):
        assert not evaluate(Policy(allow, deny), asked).permits


@pytest.mark.parametrize("word", sorted(WORDS))
def test_a_leaf_of_every_word_is_among_them(word: str) -> None:
    assert any(leaf.name.partition("/")[0] == word for leaf in LEAVES)


ALICE, BOB = people()["alice"], people()["bob"]
LAPTOP = ClientCertificate((FOLDER / "certificates" / "laptop.pem").read_text(), trusted=True)
OTHERWISE: list[tuple[Dependencies, dict[str, list[Any]]]] = [
    (Dependencies.METHOD, {"method": ["GET", "POST", "OPTIONS", "DELETE", "HEAD"]}),
    (Dependencies.PATH, {"path": ["/", "/open", "/a", "/secret", "/open/x"]}),
    (Dependencies.ADDRESS, {"client_address": [None, IPv4Address("192.0.2.7"), IPv4Address("10.1.2.3")]}),
    (Dependencies.HEADERS, {"headers": [{}, {"x-environment": ("test", "prod")}, {"origin": ("https://a.example",)}]}),
    (Dependencies.CERTIFICATE, {"client_certificate": [None, LAPTOP, replace(LAPTOP, trusted=False)]}),
    (
        Dependencies.BODY,
        {"body": [b"", b"x", b'{"method":"tools/call","params":{"name":"search"}}', b'{"method":"tools/list"}']},
    ),
]
PEOPLE: list[Identity | None] = [None, *people().values()]


def changed(asked: PolicyInput, looked_at: Dependencies) -> Iterator[PolicyInput]:
    """What is asked with one attribute changed that a policy does not look at."""
    for kind, changes in OTHERWISE:
        if kind not in looked_at:
            for name, values in changes.items():
                for value in values:
                    yield replace(asked, request=replace(asked.request, **{name: value}))
    if Dependencies.SESSION not in looked_at:
        yield from (replace(asked, identity=person) for person in PEOPLE)
    if Dependencies.CLOCK not in looked_at:
        yield from (replace(asked, now=asked.now + timedelta(hours=step)) for step in (-9000, -13, 7, 40, 9000))
    if Dependencies.RECORDS not in looked_at:
        yield replace(asked, records=NO_RECORDS)


@settings(max_examples=200, deadline=None)
@given(POLICIES, st.sampled_from(ASKED))
def test_what_a_policy_does_not_depend_on_never_changes_its_decision(policy: Policy, asked: PolicyInput) -> None:
    before = evaluate(policy, asked)
    for other in changed(asked, policy.depends_on):
        assert evaluate(policy, other) == before


@pytest.mark.parametrize("word", sorted(WORDS))
def test_a_missing_dependency_would_be_noticed(word: str) -> None:
    """Each dependency of a criterion does change some decision of the tables when nothing else changes."""
    same = [leaf for leaf in LEAVES if leaf.name.partition("/")[0] == word]
    for kind in same[0].depends_on:
        assert any(
            evaluate(policy, variant) != evaluate(policy, asked)
            for policy in (Policy((Rule((Operator("or", (leaf,)),)),)) for leaf in same)
            for asked in ASKED
            for variant in changed(asked, ~kind)
        ), kind


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([leaf for leaf in LEAVES if Dependencies.CLOCK in leaf.depends_on]), st.data())
def test_nothing_changes_before_the_boundary(leaf: Leaf, data: st.DataObject) -> None:
    policy = Policy((Rule((Operator("or", (leaf,)),)),))
    start = data.draw(st.sampled_from(ASKED))
    asked = replace(start, identity=ALICE, now=start.now + timedelta(minutes=data.draw(st.integers(-600_000, 600_000))))
    boundary = next_boundary(policy, asked)
    span = (boundary - asked.now) if boundary is not None else timedelta(days=4000)
    within = asked.now + span * data.draw(st.floats(0, 0.999_999))
    if boundary is None or within < boundary:
        assert evaluate(policy, replace(asked, now=within)) == evaluate(policy, asked)


@given(
    st.recursive(
        st.none() | st.text(max_size=8) | st.sampled_from(["allow", "or", "email", "2026-01-01", "UTC", "1", "true"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["allow", "deny", "or", "not", "timezone", "after", "type", *WORDS])
                | st.text(max_size=5),
                inner,
                max_size=3,
            )
        ),
        max_leaves=20,
    )
)
@settings(max_examples=300, deadline=None)
def test_reading_is_total(tree: Any) -> None:
    trees: list[Any] = [tree, {"allow": {"or": [{word: tree} for word in WORDS]}}]
    for each in trees:
        parsed = parse_policy(each)
        assert all(mistake.message and mistake.remedy and mistake.code for mistake in parsed.mistakes)
