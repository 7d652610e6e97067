"""Each criterion: when it holds, why, and that strangers are asked to sign in."""

import pytest

from access_model.facts import Identity
from access_model.policy import Dependencies, PolicyInput, Reason, Verdict
from access_model.policy.criteria import Accept, AuthenticatedUser, Claim, Domain, Email, User
from access_model.policy.matching import Has, Is
from access_model.policy.tree import Leaf
from tests.access_model.people import NOW, REQUEST, STRANGER, asked_by, person

SESSION_CRITERIA: list[Leaf] = [
    AuthenticatedUser(),
    User(Is("alice-id")),
    Email(Is("alice@example.com")),
    Domain(Is("example.com")),
    Claim("team", Has("a")),
]


def one(value: bool, reason: Reason) -> Verdict:
    return Verdict(value, frozenset({reason}))


@pytest.mark.parametrize("criterion", SESSION_CRITERIA, ids=lambda each: each.name)
def test_a_stranger_is_asked_to_sign_in(criterion: Leaf) -> None:
    assert criterion.evaluate(STRANGER) == one(False, Reason.USER_UNAUTHENTICATED)
    assert criterion.depends_on == Dependencies.SESSION


def test_accept() -> None:
    for asked in (STRANGER, asked_by()):
        assert Accept().evaluate(asked) == one(True, Reason.ACCEPT)
    assert Accept().depends_on == Dependencies.NOTHING


def test_authenticated_user() -> None:
    assert AuthenticatedUser().evaluate(asked_by()) == one(True, Reason.USER_AUTHENTICATED)
    assert AuthenticatedUser().evaluate(asked_by("")) == one(False, Reason.USER_UNAUTHENTICATED)


def test_user() -> None:
    assert User(Is("alice-id")).evaluate(asked_by()) == one(True, Reason.USER_OK)
    for wanted in ("ALICE-ID", "alice", "alice@example.com", ""):
        assert User(Is(wanted)).evaluate(asked_by()) == one(False, Reason.USER_UNAUTHORIZED)
    assert User(Is("")).evaluate(asked_by("")) == one(False, Reason.USER_UNAUTHORIZED)


def test_email() -> None:
    assert Email(Is("alice@example.com")).evaluate(asked_by()) == one(True, Reason.EMAIL_OK)
    for wanted in ("Alice@example.com", "alice@example.com ", "alice", ""):
        assert Email(Is(wanted)).evaluate(asked_by()) == one(False, Reason.EMAIL_UNAUTHORIZED)
    assert Email(Is("")).evaluate(asked_by(email="")) == one(False, Reason.EMAIL_UNAUTHORIZED)


@pytest.mark.parametrize(
    ("email", "verified", "holds"),
    [
        ("alice@example.com", None, True),
        ("alice@example.com", True, True),
        ("alice@example.com", False, False),
        ("attacker@evil.com@example.com", True, False),
        ("attacker@example.com@evil.com", True, False),
        ("alice@example.com.", True, False),
        ("alice@example.com.evil.com", True, False),
        ("alice@evil-example.com", True, False),
        ("alice@sub.example.com", True, False),
        ("alice@Example.com", True, False),
        ("alice@example.com ", True, False),
        ("alice @example.com", True, False),
        ("alice\u00a0x@example.com", True, False),
        ("alice\n@example.com", True, False),
        ("alice\u200b@example.com", True, False),
        ("alice@ex\u0430mple.com", True, False),
        ("@example.com", True, False),
        ("example.com", True, False),
        ("alice@", True, False),
        ("", True, False),
    ],
)
def test_domain(email: str, verified: bool | None, holds: bool) -> None:
    expected = one(holds, Reason.DOMAIN_OK if holds else Reason.DOMAIN_UNAUTHORIZED)
    assert Domain(Is("example.com")).evaluate(asked_by(email=email, email_verified=verified)) == expected


@pytest.mark.parametrize(
    ("path", "wanted", "holds"),
    [
        ("team", "a", True),
        ("team", "b", True),
        ("team", "A", False),
        ("team", "a,b", False),
        ("a.b", "1", True),
        ("a/b", "1", True),
        ("https://example.com/role", "admin", True),
        ("missing", "", False),
        ("empty", "", False),
        ("level", "user", True),
        ("level", "session", False),
        ("only", "session", True),
    ],
)
def test_claim(path: str, wanted: str, holds: bool) -> None:
    identity: Identity = person(
        user_claims={
            "team": ("a", "b"),
            "a.b": ("1",),
            "https://example.com/role": ("admin",),
            "empty": (),
            "level": ("user",),
        },
        session_claims={"level": ("session",), "only": ("session",)},
    )
    expected = one(holds, Reason.CLAIM_OK if holds else Reason.CLAIM_UNAUTHORIZED)
    assert Claim(path, Has(wanted)).evaluate(PolicyInput(REQUEST, identity, NOW)) == expected


def test_names_and_data_for_people() -> None:
    every: list[Leaf] = [Accept(), *SESSION_CRITERIA]
    told = [(leaf.name, leaf.data) for leaf in every]
    assert told == [
        ("accept", ""),
        ("authenticated_user", ""),
        ("user", "alice-id"),
        ("email", "alice@example.com"),
        ("domain", "example.com"),
        ("claim/team", "a"),
    ]
