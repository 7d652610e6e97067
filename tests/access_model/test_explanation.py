"""Taking a policy apart: each criterion's verdict, and what would turn the whole."""

from dataclasses import dataclass
from itertools import product

import pytest

from access_model.explanation import explain_policy
from access_model.policy import Dependencies, Operator, Policy, PolicyInput, Reason, Rule, Verdict, evaluate
from access_model.policy.criteria import Accept, Domain, Email
from access_model.policy.matching import Is
from access_model.policy.tree import Leaf, OperatorName
from tests.access_model.people import STRANGER, asked_by


@dataclass(frozen=True, slots=True)
class Fixed:
    """A criterion with this outcome."""

    name: str
    value: bool
    data: str = ""
    depends_on: Dependencies = Dependencies.NOTHING

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Say so."""
        return Verdict(self.value, frozenset({Reason.USER_OK}))


class Breaking(Fixed):
    """A criterion that cannot be evaluated."""

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Fail."""
        raise ArithmeticError("no such number")


def _rule(kind: OperatorName, *criteria: Leaf) -> Rule:
    return Rule((Operator(kind, criteria),))


YES, NO = Fixed("yes", True), Fixed("no", False)
ALICE = Email(Is("alice@example.com"))
CORP = Domain(Is("corp.example"))


def test_every_criterion_is_listed_with_its_own_verdict_and_place() -> None:
    policy = Policy(allow=(_rule("or", ALICE, CORP),), deny=(_rule("not", ALICE),))
    checked = explain_policy(policy, asked_by()).checked
    assert [(each.text, each.value, each.reasons) for each in checked] == [
        ("email: alice@example.com", True, (Reason.EMAIL_OK,)),
        ("domain: corp.example", False, (Reason.DOMAIN_UNAUTHORIZED,)),
        ("deny email: alice@example.com", True, (Reason.EMAIL_OK,)),
    ]
    assert [each.place for each in checked] == [("allow", 0, 0, 0), ("allow", 0, 0, 1), ("deny", 0, 0, 0)]


@pytest.mark.parametrize(
    ("kind", "criteria", "ways"),
    [
        ("and", (YES, NO, Fixed("other", False)), [("no", "other")]),
        ("or", (NO, Fixed("other", False)), [("no",), ("other",)]),
        ("not", (YES, NO, Fixed("other", True)), [("not yes", "not other")]),
        ("nor", (YES, Fixed("other", True)), [("not yes",), ("not other",)]),
    ],
)
def test_what_would_have_said_yes(kind: OperatorName, criteria: tuple[Leaf, ...], ways: list[tuple[str, ...]]) -> None:
    found = explain_policy(Policy(allow=(_rule(kind, *criteria),)), STRANGER)
    assert [tuple(each.wish for each in way) for way in found.ways] == ways


@pytest.mark.parametrize(
    ("kind", "criteria", "ways"),
    [
        ("and", (YES, Fixed("other", True)), [("not yes",), ("not other",)]),
        ("or", (YES, NO, Fixed("other", True)), [("not yes", "not other")]),
        ("not", (NO, Fixed("other", False)), [("no",), ("other",)]),
        ("nor", (YES, NO, Fixed("other", False)), [("no", "other")]),
    ],
)
def test_what_would_have_lifted_a_deny(
    kind: OperatorName, criteria: tuple[Leaf, ...], ways: list[tuple[str, ...]]
) -> None:
    found = explain_policy(Policy((_rule("or", YES),), (_rule(kind, *criteria),)), STRANGER)
    assert [[tuple(each.wish for each in way) for way in each] for each in found.obstacles] == [ways]
    assert found.ways == ()


def test_who_is_allowed_needs_no_other_way() -> None:
    found = explain_policy(Policy((_rule("or", ALICE, CORP),)), asked_by())
    assert (found.ways, found.obstacles, found.said_no) == ((), (), ())


def test_what_nothing_can_turn_is_no_way() -> None:
    policy = Policy((_rule("not", Accept()), _rule("or", CORP)))
    assert [[each.wish for each in way] for way in explain_policy(policy, STRANGER).ways] == [["domain: corp.example"]]


def test_a_criterion_that_fails_is_shown_with_its_problem() -> None:
    (checked,) = explain_policy(Policy((_rule("or", Breaking("broken", True)),)), STRANGER).checked
    assert (checked.value, checked.problem) == (False, "no such number")


@pytest.mark.parametrize("kinds", list(product(("and", "or", "not", "nor"), repeat=2)))
def test_following_any_way_turns_the_decision(kinds: tuple[OperatorName, OperatorName]) -> None:
    for truths in product((True, False), repeat=4):
        a, b, c, d = (Fixed(name, truth) for name, truth in zip("abcd", truths, strict=True))
        policy = Policy((_rule(kinds[0], a, b),), (_rule(kinds[1], c, d),))
        found = explain_policy(policy, STRANGER)
        assert bool(found.ways) is not evaluate(policy, STRANGER).allow.value
        assert bool(found.obstacles) is evaluate(policy, STRANGER).deny.value
        for allow, *lifts in product(found.ways or ((),), *found.obstacles):
            turned = {each.name for way in (allow, *lifts) for each in way}
            e, f, g, h = (Fixed(each.name, each.value is not (each.name in turned)) for each in (a, b, c, d))
            assert evaluate(Policy((_rule(kinds[0], e, f),), (_rule(kinds[1], g, h),)), STRANGER).permits
