"""Where a better sign-in would help it is asked for, and nowhere else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from access_model.model import Route
from access_model.policy import Operator, Policy, Rule, StepUp
from access_model.policy.criteria import Acr, AuthAge
from access_model.policy.matching import Is
from extauthz.decide import Allowed, Known, Refused, RefusedFor, SignInNeeded, StepUpNeeded, decide
from tests.extauthz.decide.policies import ALICE, BOB, CONFIGURATION, NOW, ONLY_ALICE, a_model, a_policy, a_route, facts

MFA = Acr(Is("mfa"))
BOTH = a_route(Policy((Rule((Operator("and", (ONLY_ALICE, MFA, AuthAge(timedelta(minutes=15)))),)),)))
STRONG = replace(ALICE, acr="mfa", authenticated_at=NOW - timedelta(minutes=5))


def test_who_would_pass_with_a_better_sign_in_gets_to_step_up() -> None:
    decision = decide(facts(), BOTH, Known(ALICE), NOW)
    assert isinstance(decision, StepUpNeeded)
    assert decision.demand == StepUp(("mfa",), timedelta(minutes=15))


def test_only_what_is_lacking_is_asked_for() -> None:
    tired = replace(STRONG, authenticated_at=NOW - timedelta(hours=1))
    decision = decide(facts(), BOTH, Known(tired), NOW)
    assert isinstance(decision, StepUpNeeded)
    assert decision.demand == StepUp((), timedelta(minutes=15))


def test_who_proved_enough_passes() -> None:
    assert isinstance(decide(facts(), BOTH, Known(STRONG), NOW), Allowed)


def test_whom_a_better_sign_in_would_not_help_is_refused() -> None:
    decision = decide(facts(), BOTH, Known(BOB), NOW)
    assert isinstance(decision, Refused)
    assert decision.kind is RefusedFor.FORBIDDEN


def test_a_stranger_signs_in_first() -> None:
    assert isinstance(decide(facts(), BOTH, Known(None), NOW), SignInNeeded)


def test_a_deny_rule_that_a_better_sign_in_would_lift_asks_for_it() -> None:
    route = a_route(Policy(a_policy([ONLY_ALICE]).allow, (Rule((Operator("nor", (MFA,)),)),)))
    assert isinstance(decide(facts(), route, Known(ALICE), NOW), StepUpNeeded)
    assert isinstance(decide(facts(), route, Known(STRONG), NOW), Allowed)


def _configured(keys: str) -> Route:
    text = CONFIGURATION.replace("allowed_users: [alice]", f"allowed_users: [alice], {keys}")
    return next(route for route in a_model(text).routes if not route.public)


@pytest.mark.parametrize(
    ("keys", "demand"),
    [
        ("acr_values: [mfa, phr]", StepUp(("mfa", "phr"))),
        ("acr_values: mfa phr", StepUp(("mfa", "phr"))),
        ("max_session_age: 15m", StepUp(max_age=timedelta(minutes=15))),
        ("acr_values: mfa, max_session_age: 15m", StepUp(("mfa",), timedelta(minutes=15))),
    ],
)
def test_the_keys_of_a_route_ask_for_a_better_sign_in(keys: str, demand: StepUp) -> None:
    route = _configured(keys)
    decision = decide(facts(), route, Known(ALICE), NOW)
    assert isinstance(decision, StepUpNeeded)
    assert decision.demand == demand
    assert isinstance(decide(facts(), route, Known(STRONG), NOW), Allowed)
    assert isinstance(decide(facts(), route, Known(BOB), NOW), Refused)
    assert isinstance(decide(facts(), route, Known(None), NOW), SignInNeeded)
