import pytest

from access_model.facts import ClientCertificate, Identity
from access_model.policy import Policy, Reason
from access_model.policy.criteria import InvalidClientCertificate, Record
from extauthz.decide import Allowed, Known, Refused, RefusedFor, SignInNeeded, decide
from tests.extauthz.decide.policies import (
    ALICE,
    ANY_USER,
    BOB,
    EVERYBODY,
    NOW,
    ONLY_ALICE,
    Always,
    Broken,
    a_policy,
    a_route,
    facts,
)

ALLOW, SIGN_IN, DENY, BROKEN = "allow", "sign-in", "deny", "broken"


@pytest.mark.parametrize(
    ("policy", "identity", "outcome"),
    [
        (a_policy([EVERYBODY]), None, ALLOW),
        (a_policy([EVERYBODY]), BOB, ALLOW),
        (a_policy([ANY_USER]), None, SIGN_IN),
        (a_policy([ANY_USER]), BOB, ALLOW),
        (a_policy([ONLY_ALICE]), None, SIGN_IN),
        (a_policy([ONLY_ALICE]), ALICE, ALLOW),
        (a_policy([ONLY_ALICE]), BOB, DENY),
        (a_policy(), None, DENY),
        (a_policy(), ALICE, DENY),
        (Policy(), None, DENY),
        (a_policy([EVERYBODY], [Always()]), ALICE, DENY),
        (a_policy([EVERYBODY], [ONLY_ALICE]), None, SIGN_IN),
        (a_policy([EVERYBODY], [ONLY_ALICE]), ALICE, DENY),
        (a_policy([EVERYBODY], [ONLY_ALICE]), BOB, ALLOW),
        (a_policy([Broken()]), ALICE, BROKEN),
        (a_policy([EVERYBODY, Broken()]), ALICE, BROKEN),
        (a_policy([EVERYBODY], [Broken()]), ALICE, BROKEN),
        (a_policy([EVERYBODY], [Broken()]), None, BROKEN),
    ],
)
def test_the_order_of_the_rules(policy: Policy, identity: Identity | None, outcome: str) -> None:
    decision = decide(facts(), a_route(policy), Known(identity), NOW)
    match decision:
        case Allowed():
            assert outcome == ALLOW
            assert decision.identity == identity
        case SignInNeeded():
            assert outcome == SIGN_IN
            assert Reason.USER_UNAUTHENTICATED in decision.reasons
        case Refused(RefusedFor.FORBIDDEN):
            assert outcome == DENY
        case Refused(RefusedFor.UNAVAILABLE):
            assert outcome == BROKEN
            assert "no such number" in decision.problem
        case _:
            pytest.fail(f"unexpected {decision}")


def test_conflicting_credentials_are_refused_on_every_route() -> None:
    for policy in (a_policy([EVERYBODY]), a_policy([ANY_USER])):
        decision = decide(facts(), a_route(policy), Known(ALICE, RefusedFor.CONFLICTING_CREDENTIALS), NOW)
        assert isinstance(decision, Refused)
        assert decision.kind is RefusedFor.CONFLICTING_CREDENTIALS


def test_a_refusal_says_which_rules_settled_it() -> None:
    denied = decide(facts(), a_route(a_policy([EVERYBODY], [Always()])), Known(ALICE), NOW)
    unmatched = decide(facts(), a_route(a_policy([ONLY_ALICE])), Known(BOB), NOW)
    assert isinstance(denied, Refused)
    assert isinstance(unmatched, Refused)
    assert denied.determined_by == "deny"
    assert denied.reasons == frozenset({Reason.REJECT})
    assert unmatched.determined_by == "default"
    assert unmatched.reasons == frozenset({Reason.EMAIL_UNAUTHORIZED})


def test_criteria_are_shown_only_where_the_route_says_so() -> None:
    policy = a_policy([ONLY_ALICE], [Always()])
    quiet = decide(facts(), a_route(policy), Known(BOB), NOW)
    open_ = decide(facts(), a_route(policy, show_error_details=True), Known(BOB), NOW)
    assert isinstance(quiet, Refused)
    assert isinstance(open_, Refused)
    assert quiet.findings == ()
    assert [held for held, _ in open_.findings] == [False, True]
    assert "alice@example.com" in open_.findings[0][1]
    assert open_.findings[1][1].startswith("deny ")


NO_CERTIFICATE = InvalidClientCertificate()


@pytest.mark.parametrize(
    ("certificate", "identity", "outcome"),
    [
        (None, None, DENY),
        (None, ALICE, DENY),
        (ClientCertificate("", trusted=False), None, DENY),
        (ClientCertificate("", trusted=True), None, SIGN_IN),
        (ClientCertificate("", trusted=True), ALICE, ALLOW),
    ],
)
def test_nobody_is_sent_to_sign_in_without_the_certificate_that_it_takes(
    certificate: ClientCertificate | None, identity: Identity | None, outcome: str
) -> None:
    asked = facts(client_certificate=certificate)
    decision = decide(asked, a_route(a_policy([ANY_USER], [NO_CERTIFICATE])), Known(identity), NOW)
    kinds = {Allowed: ALLOW, SignInNeeded: SIGN_IN, Refused: DENY}
    assert kinds[type(decision)] == outcome
    assert not isinstance(decision, Refused) or decision.kind is RefusedFor.CLIENT_CERTIFICATE


def test_the_operator_learns_what_speaks_against_a_certificate() -> None:
    presented = ClientCertificate("", trusted=False, objection="it expired")
    policy = a_policy([EVERYBODY], [NO_CERTIFICATE])
    decision = decide(facts(client_certificate=presented), a_route(policy), Known(), NOW)
    assert isinstance(decision, Refused)
    assert decision.problem == "the client's certificate is not trusted: it expired"
    assert "it expired" not in str(decision.findings)


def test_what_cannot_be_told_is_not_the_users_fault() -> None:
    record = Record("example.com/unknown", "", ())
    for policy in (a_policy([EVERYBODY, record]), a_policy([EVERYBODY], [record])):
        decision = decide(facts(), a_route(policy, show_error_details=True), Known(ALICE), NOW)
        assert isinstance(decision, Refused)
        assert decision.kind is RefusedFor.UNAVAILABLE
        assert "`example.com/unknown`" in decision.problem
