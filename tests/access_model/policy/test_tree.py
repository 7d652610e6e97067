"""Truth tables of the operators, and the reasons that go with them."""

from dataclasses import dataclass

import pytest

from access_model.policy import Dependencies, Operator, Policy, PolicyInput, Reason, Rule, Verdict
from access_model.policy.tree import OperatorName, leaves
from tests.access_model.people import STRANGER


@dataclass(frozen=True)
class Fixed:
    """A criterion that always comes to the same."""

    verdict: Verdict
    name: str = "fixed"
    data: str = ""
    depends_on: Dependencies = Dependencies.NOTHING

    def evaluate(self, asked: PolicyInput) -> Verdict:
        return self.verdict


A = Reason.ACCEPT
U = Reason.USER_OK
D = Reason.DOMAIN_UNAUTHORIZED
E = Reason.EMAIL_UNAUTHORIZED
NO_SESSION = Reason.USER_UNAUTHENTICATED


def yes(reason: Reason) -> Fixed:
    return Fixed(Verdict(True, frozenset({reason})))


def no(reason: Reason) -> Fixed:
    return Fixed(Verdict(False, frozenset({reason})))


def verdict(kind: OperatorName, *criteria: Fixed) -> Verdict:
    return Operator(kind, criteria).evaluate(STRANGER)


@pytest.mark.parametrize(
    ("kind", "truths"),
    [
        # both true, first only, second only, neither
        ("and", (True, False, False, False)),
        ("or", (True, True, True, False)),
        ("not", (False, False, False, True)),
        ("nor", (False, True, True, True)),
    ],
)
def test_truth_tables(kind: OperatorName, truths: tuple[bool, ...]) -> None:
    pairs = [(yes(A), yes(U)), (yes(A), no(E)), (no(D), yes(U)), (no(D), no(E))]
    assert tuple(verdict(kind, *pair).value for pair in pairs) == truths


@pytest.mark.parametrize("kind", ["and", "or", "not", "nor"])
def test_an_empty_operator_never_holds_and_has_no_reason(kind: OperatorName) -> None:
    assert verdict(kind) == Verdict(False)


@pytest.mark.parametrize(
    ("kind", "criteria", "value", "reasons"),
    [
        ("and", (yes(A), yes(U)), True, {A, U}),
        ("and", (yes(A), no(E), no(D)), False, {E, D}),
        ("or", (yes(A), no(E)), True, {A}),
        ("or", (no(E), no(D)), False, {E, D}),
        ("not", (no(E), no(D)), True, {E, D}),
        ("not", (yes(A), no(D)), False, {A}),
        ("nor", (yes(A), no(D)), True, {D}),
        ("nor", (yes(A), yes(U)), False, {A, U}),
    ],
)
def test_reasons(kind: OperatorName, criteria: tuple[Fixed, ...], value: bool, reasons: set[Reason]) -> None:
    assert verdict(kind, *criteria) == Verdict(value, frozenset(reasons))


def test_negation_keeps_the_reason_and_so_still_asks_for_a_login() -> None:
    assert verdict("not", no(NO_SESSION)) == Verdict(True, frozenset({NO_SESSION}))
    assert verdict("nor", no(NO_SESSION)) == Verdict(True, frozenset({NO_SESSION}))


def test_operators_of_a_rule_are_or_ed_and_empty_ones_count_for_nothing() -> None:
    empty = Operator("and", ())
    assert Rule((empty, Operator("and", (yes(A),)))).evaluate(STRANGER) == Verdict(True, frozenset({A}))
    assert Rule((empty, Operator("or", (no(E),)))).evaluate(STRANGER) == Verdict(False, frozenset({E}))
    assert Rule((empty,)).evaluate(STRANGER) == Verdict(False)
    assert Rule(()).evaluate(STRANGER) == Verdict(False)


def test_dependencies_add_up_over_both_actions() -> None:
    path = Fixed(Verdict(True), depends_on=Dependencies.PATH)
    session = Fixed(Verdict(True), depends_on=Dependencies.SESSION | Dependencies.CLOCK)
    policy = Policy((Rule((Operator("or", (path,)),)),), (Rule((Operator("not", (session,)),)),))
    assert policy.depends_on == Dependencies.PATH | Dependencies.SESSION | Dependencies.CLOCK
    assert Policy().depends_on == Dependencies.NOTHING


def test_leaves_come_in_the_written_order() -> None:
    first, second, third = yes(A), yes(U), no(E)
    rule = Rule((Operator("and", (first, second)), Operator("not", (third,))))
    assert list(leaves(rule)) == [first, second, third]
    assert list(leaves(rule.operators[1])) == [third]
