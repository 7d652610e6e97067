"""Whole policies: deny wins, order is irrelevant, and no stranger comes in unless `accept` says so."""

import random
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from access_model.policy import (
    Operator,
    Policy,
    PolicyInput,
    Reason,
    Rule,
    Shorthands,
    compile_shorthands,
    evaluate,
    explain,
)
from access_model.policy.criteria import Accept, AuthenticatedUser, Claim, Domain, Email, User
from access_model.policy.matching import Has, Is
from access_model.policy.tree import Criterion, Leaf
from tests.access_model.people import STRANGER, asked_by

T = TypeVar("T")
VALUES = st.sampled_from(["alice-id", "alice@example.com", "bob", "example.com", "evil.com", ""])
SESSION_LEAVES: st.SearchStrategy[Leaf] = st.one_of(
    st.builds(AuthenticatedUser),
    st.builds(User, st.builds(Is, VALUES)),
    st.builds(Email, st.builds(Is, VALUES)),
    st.builds(Domain, st.builds(Is, VALUES)),
    st.builds(Claim, st.sampled_from(["team", "a/b"]), st.builds(Has, VALUES)),
)
PEOPLE = st.sampled_from([STRANGER, asked_by(), asked_by("bob", email="bob@evil.com"), asked_by(team=("example.com",))])


def policies(leaves: st.SearchStrategy[Leaf]) -> st.SearchStrategy[Policy]:
    kinds = st.sampled_from(["and", "or", "not", "nor"])
    operators = st.builds(Operator, kinds, st.lists(leaves, max_size=3).map(tuple))
    rules = st.lists(st.builds(Rule, st.lists(operators, max_size=3).map(tuple)), max_size=3).map(tuple)
    return st.builds(Policy, rules, rules)


@given(policies(SESSION_LEAVES))
def test_no_policy_lets_a_stranger_in_unless_it_accepts(policy: Policy) -> None:
    assert not evaluate(policy, STRANGER).permits


@given(policies(SESSION_LEAVES | st.builds(Accept)), PEOPLE)
def test_deny_beats_allow(policy: Policy, asked: PolicyInput) -> None:
    denied = Policy(policy.allow, (*policy.deny, Rule((Operator("or", (Accept(),)),))))
    assert evaluate(denied, asked).deny.value
    assert not evaluate(denied, asked).permits


@given(policies(SESSION_LEAVES | st.builds(Accept)), PEOPLE, st.randoms(use_true_random=False))
def test_order_is_irrelevant(policy: Policy, asked: PolicyInput, dice: random.Random) -> None:
    def mixed(things: Sequence[T]) -> tuple[T, ...]:
        return tuple(dice.sample(list(things), len(things)))

    def turned(rule: Rule) -> Rule:
        return Rule(mixed([Operator(each.kind, mixed(each.criteria)) for each in rule.operators]))

    def shuffled(rules: Sequence[Criterion]) -> tuple[Criterion, ...]:
        return mixed([turned(rule) for rule in rules if isinstance(rule, Rule)])

    other = Policy(shuffled(policy.allow), shuffled(policy.deny))
    assert evaluate(other, asked) == evaluate(policy, asked)


@given(policies(SESSION_LEAVES | st.builds(Accept)), PEOPLE)
def test_evaluation_is_total_and_repeatable(policy: Policy, asked: PolicyInput) -> None:
    assert evaluate(policy, asked) == evaluate(policy, asked)
    assert len(explain(policy, asked)) == sum(
        len(operator.criteria)
        for rule in (*policy.allow, *policy.deny)
        if isinstance(rule, Rule)
        for operator in rule.operators
    )


def test_a_public_route_lets_everyone_in_without_asking() -> None:
    evaluation = evaluate(compile_shorthands(Shorthands(public=True)), STRANGER)
    assert evaluation.permits
    assert not evaluation.needs_sign_in
    assert evaluation.reasons == {Reason.ACCEPT}


def test_a_route_for_nobody_refuses_without_asking_for_a_login() -> None:
    for asked in (STRANGER, asked_by()):
        evaluation = evaluate(compile_shorthands(Shorthands()), asked)
        assert not evaluation.permits
        assert not evaluation.needs_sign_in
        assert not evaluation.reasons


def test_a_session_criterion_under_deny_makes_a_public_route_ask() -> None:
    policy = Policy(
        compile_shorthands(Shorthands(public=True)).allow, (Rule((Operator("or", (Email(Is("bob@evil.com")),)),)),)
    )
    assert evaluate(policy, STRANGER).needs_sign_in
    assert not evaluate(policy, STRANGER).permits
    assert evaluate(policy, asked_by()).permits
    assert not evaluate(policy, asked_by("bob", email="bob@evil.com")).permits


def test_one_shorthand_is_enough() -> None:
    policy = compile_shorthands(
        Shorthands(domains=["example.com"], claims={"team": ["a", "b"]}, users=["carol", "dan@evil.com"])
    )
    for asked in (
        asked_by(),
        asked_by(email="x@y", team=("b",)),
        asked_by("carol", email=""),
        asked_by("d", email="dan@evil.com"),
    ):
        assert evaluate(policy, asked).permits
    refused = evaluate(policy, asked_by("eve", email="eve@evil.com", team=("c",)))
    assert not refused.permits
    assert refused.allow.reasons == {
        Reason.DOMAIN_UNAUTHORIZED,
        Reason.CLAIM_UNAUTHORIZED,
        Reason.USER_UNAUTHORIZED,
        Reason.EMAIL_UNAUTHORIZED,
    }


def test_explaining_lists_each_criterion_with_its_own_verdict() -> None:
    policy = Policy(
        compile_shorthands(Shorthands(domains=["evil.com"], users=["alice-id"])).allow,
        (Rule((Operator("not", (AuthenticatedUser(),)),)),),
    )
    told = [(each.action, each.name, each.data, each.verdict.value) for each in explain(policy, asked_by())]
    assert told == [
        ("allow", "domain", "evil.com", False),
        ("allow", "user", "alice-id", True),
        ("allow", "email", "alice-id", False),
        ("deny", "authenticated_user", "", True),
    ]
