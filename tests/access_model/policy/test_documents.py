"""Every row of the tables in tests/policy_documents, against the library."""

import pytest

from access_model.load.document import Tree
from access_model.policy.criteria import WORDS
from access_model.policy.language import OPERATORS
from access_model.policy.reasons import Reason
from extauthz.decide import Allowed, Decision, Known, Refused, RefusedFor, SignInNeeded, StepUpNeeded, decide
from tests.access_model.policy.documents import Case, every_case
from tests.extauthz.decide.policies import a_route


def outcome_of(decision: Decision) -> str:
    match decision:
        case Allowed():
            return "allow"
        case SignInNeeded():
            return "sign-in"
        case StepUpNeeded():
            return "step-up"
        case Refused(RefusedFor.FORBIDDEN):
            return "deny"
        case Refused(RefusedFor.CLIENT_CERTIFICATE):
            return "certificate"
        case Refused(RefusedFor.UNAVAILABLE):
            return "unavailable"
    return str(decision)


def words_of(tree: Tree) -> set[str]:
    match tree:
        case dict():
            return {key.partition("/")[0] for key in tree}.union(*(words_of(each) for each in tree.values()))
        case list():
            return set().union(*map(words_of, tree))
    return set()


@pytest.mark.parametrize("case", every_case(), ids=lambda case: case.place)
def test_row(case: Case) -> None:
    asked = case.asked
    decision = decide(asked.request, a_route(case.policy()), Known(asked.identity, records=asked.records), asked.now)
    assert outcome_of(decision) == case.outcome
    assert {str(reason) for reason in decision.reasons} == case.because


def test_the_tables_exercise_every_word_and_every_reason() -> None:
    cases = every_case()
    assert len(cases) >= 250
    words = set().union(*(words_of(case.tree) for case in cases))
    assert words >= WORDS.keys() | set(OPERATORS)
    assert set().union(*(case.because for case in cases)) == {str(reason) for reason in Reason}
