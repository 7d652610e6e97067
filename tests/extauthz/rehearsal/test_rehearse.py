"""A request that nobody sent is decided like one that somebody did."""

from dataclasses import replace

import pytest

from extauthz.decide import Known, Refused, decide
from extauthz.rehearsal import NotAClaim, NotARequest, Outcome, person, rehearse, request
from tests.extauthz.decide.policies import (
    BOB,
    CONFIGURATION,
    EVERYBODY,
    NOW,
    ONLY_ALICE,
    Broken,
    a_model,
    a_policy,
    a_route,
    facts,
)

MODEL = a_model()


@pytest.mark.parametrize(
    ("user", "url", "outcome"),
    [
        ("alice", "https://app.example.com/reports?year=2026", Outcome.ALLOW),
        ("bob", "https://app.example.com/reports", Outcome.DENY),
        (None, "https://app.example.com/reports", Outcome.LOGIN),
        (None, "https://app.example.com:8443/public/x", Outcome.ALLOW),
        (None, "https://APP.example.com./status", Outcome.ALLOW),
        ("alice", "https://other.example.com/", Outcome.NO_ROUTE),
        ("alice", "https://app.example.com/%73tatus", Outcome.REFUSED),
        ("alice", "https://app.example.com/.pomerium/user", Outcome.OWN),
        ("alice", "https://auth.example.com/oauth2/callback", Outcome.OWN),
    ],
)
def test_the_outcome_is_what_a_client_would_meet(user: str | None, url: str, outcome: Outcome) -> None:
    known = Known(person(user) if user else None)
    assert rehearse(request("get", url), known, MODEL, NOW).outcome is outcome


def test_what_cannot_be_evaluated_cannot_be_told() -> None:
    model = replace(MODEL, routes=(a_route(a_policy([Broken()])),))
    found = rehearse(request("GET", "https://app.example.com/public/"), Known(BOB), model, NOW)
    assert found.outcome is Outcome.CANNOT_TELL
    assert "no such number" in found.problem


def test_the_403_page_shows_what_the_explanation_shows() -> None:
    route = a_route(a_policy([ONLY_ALICE], deny=[EVERYBODY]), show_error_details=True)
    model = replace(MODEL, routes=(route,))
    decision = decide(facts("/public/"), route, Known(BOB), NOW)
    found = rehearse(request("GET", "https://app.example.com/public/"), Known(BOB), model, NOW)
    assert isinstance(decision, Refused)
    assert found.explanation is not None
    assert decision.findings == tuple((each.value, each.text) for each in found.explanation.checked)
    assert decision.findings == ((False, "email: alice@example.com"), (True, "deny accept"))


@pytest.mark.parametrize(
    "url", ["app.example.com/", "ftp://app.example.com/", "https://", "https://a b/", "https://a/../b", "https://a/%2e"]
)
def test_words_that_make_no_request_are_refused(url: str) -> None:
    with pytest.raises(NotARequest):
        request("GET", url)


def test_a_request_keeps_every_value_of_a_header() -> None:
    made = request("GET", "https://a/x?y=/../z", headers=[("X-Role", "a"), ("x-role", "b")])
    assert made.headers == {"x-role": ("a", "b")}
    assert (made.path, made.query) == ("/x", "y=/../z")


def test_a_person_is_made_of_claims() -> None:
    claims = {"email_verified": ["false"], "acr": ["mfa"], "amr": ["pwd", "otp"], "auth_time": ["1"], "dept": ["eng"]}
    made = person("a@b.c", groups=["g"], claims=claims)
    assert (made.user_id, made.email, made.email_verified, made.groups) == ("a@b.c", "a@b.c", False, ("g",))
    assert (made.acr, made.amr, made.user_claims["dept"]) == ("mfa", ("pwd", "otp"), ("eng",))
    assert made.authenticated_at is not None
    assert made.authenticated_at.timestamp() == 1


@pytest.mark.parametrize(
    "claims", [{"email_verified": ["maybe"]}, {"auth_time": ["yesterday"]}, {"auth_time": ["2030-01-01"]}]
)
def test_a_claim_that_cannot_be_is_refused(claims: dict[str, list[str]]) -> None:
    with pytest.raises(NotAClaim):
        person("alice", claims=claims)


def test_a_step_up_is_a_login_and_says_what_it_asks_for() -> None:
    model = a_model(CONFIGURATION.replace("allowed_users: [alice]", "allowed_users: [alice], acr_values: mfa"))
    found = rehearse(request("GET", "https://app.example.com/"), Known(person("alice")), model, NOW)
    assert (found.outcome, found.problem) == (Outcome.LOGIN, "a better sign-in is asked for: `acr` mfa")
    strong = person("alice", claims={"acr": ["mfa"]})
    assert rehearse(request("GET", "https://app.example.com/"), Known(strong), model, NOW).outcome is Outcome.ALLOW
