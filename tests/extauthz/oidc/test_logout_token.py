"""Each line is a logout token that must not sign anybody out (Back-Channel Logout 1.0, section 2.6)."""

from datetime import timedelta
from typing import Any

import pytest

from extauthz.oidc.errors import NotTrusted
from extauthz.oidc.logout_token import EVENT, Logout, unverified_provider, verify_logout_token
from tests.extauthz.oidc.fake_provider import CLIENT_ID, ISSUER, NOW, FakeProvider, claims, drive, provider, token

MOMENT = int(NOW.timestamp())
KIND = {"typ": "logout+jwt"}


def logout_claims(**changed: Any) -> dict[str, Any]:
    """Good claims of a logout token; a change to None leaves the claim out."""
    good = {**claims(nonce=None, exp=MOMENT + 120), "sid": "session-1", "jti": "order-1", "events": {EVENT: {}}}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def verify(text: str) -> Logout:
    return drive(verify_logout_token(text, provider(), NOW), FakeProvider())


@pytest.mark.parametrize("header", [KIND, {"typ": "JWT"}, {"typ": "Logout+JWT"}, {}, {**KIND, "alg": "ES256"}])
def test_a_good_one_says_whom_it_is_about(header: dict[str, Any]) -> None:
    order = verify(token(logout_claims(), header))
    assert (order.issuer, order.user_id, order.provider_session, order.id) == (ISSUER, "alice", "session-1", "order-1")


@pytest.mark.parametrize(
    ("left_out", "user", "session"), [("sid", "alice", None), ("sub", None, "session-1")], ids=["sub", "sid"]
)
def test_one_of_user_and_session_is_enough(left_out: str, user: str | None, session: str | None) -> None:
    order = verify(token(logout_claims(**{left_out: None}), KIND))
    assert (order.user_id, order.provider_session) == (user, session)


def test_its_id_is_remembered_until_it_would_be_refused_for_its_age() -> None:
    order = verify(token(logout_claims(exp=MOMENT + 86_400), KIND))
    late = order.forgotten
    with pytest.raises(NotTrusted, match="older than ten minutes"):
        drive(verify_logout_token(token(logout_claims(exp=MOMENT + 86_400), KIND), provider(), late), FakeProvider())
    assert late - NOW < timedelta(minutes=15)


def test_one_without_an_end_is_good_for_ten_minutes() -> None:
    text = token(logout_claims(exp=None), KIND)
    assert verify(text).id == "order-1"
    with pytest.raises(NotTrusted, match="older than ten minutes"):
        drive(verify_logout_token(text, provider(), NOW + timedelta(minutes=11, seconds=1)), FakeProvider())


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"sid": None, "sub": None}, "neither whom"),
        ({"nonce": "n"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"events": None}, "events"),
        ({"events": {}}, "events"),
        ({"events": [EVENT]}, "events"),
        ({"events": {EVENT: None}}, "events"),
        ({"events": {EVENT: "yes"}}, "events"),
        ({"events": {EVENT: {}, "other": {}}}, "events"),
        ({"events": {EVENT + "/": {}}}, "events"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 600}, "jti"),
        ({"sid": ""}, "sid"),
        ({"sid": ["a"]}, "sid"),
        ({"sub": ""}, "names no user"),
        ({"sub": 7}, "names no user"),
        ({"iss": ISSUER + "/"}, "was issued by"),
        ({"iss": None}, "was issued by"),
        ({"aud": "another"}, "is for `another`"),
        ({"aud": None}, "is for"),
        ({"aud": ["another"]}, "is for"),
        ({"iat": MOMENT - 700}, "older than ten minutes"),
        ({"iat": MOMENT + 120}, "future"),
        ({"iat": None}, "`iat` is missing"),
        ({"exp": MOMENT - 61}, "expired"),
        ({"exp": float("nan")}, "`exp` is missing or no time"),
        ({"exp": "never"}, "`exp` is missing or no time"),
    ],
)
def test_signs_nobody_out(changed: dict[str, Any], problem: str) -> None:
    kept = {name: value for name, value in changed.items() if value is not None}
    left_out = dict.fromkeys(changed.keys() - kept.keys())
    with pytest.raises(NotTrusted, match=problem) as caught:
        verify(token({**logout_claims(**left_out), **kept}, KIND))
    assert "logout token" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "signer"),
    [
        ({"alg": "none"}, "none"),
        ({"alg": "nOnE"}, "none"),
        ({"alg": "HS256"}, "HS256"),
        ({"alg": "RS256"}, "HS256"),
        ({"alg": "ES256"}, "RS256"),
        ({"typ": "at+jwt"}, None),
        ({"typ": "secevent+jwt"}, None),
        ({"typ": 7}, None),
        ({"crit": ["x"]}, None),
        ({"kid": "made-up"}, None),
    ],
)
def test_is_refused_for_its_header_or_signature(header: dict[str, Any], signer: str | None) -> None:
    with pytest.raises(NotTrusted):
        verify(token(logout_claims(), header, signer=signer))


def test_an_id_token_is_none() -> None:
    with pytest.raises(NotTrusted):
        verify(token(claims()))


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "..", "e30.W10.x", "e30.bnVsbA.x", "e30.e30.x", "é.é.é"])
def test_what_cannot_be_read_names_no_provider(text: str) -> None:
    assert unverified_provider(text, [provider()]) is None


def test_of_two_clients_at_one_provider_the_audience_decides() -> None:
    first, second = provider(id="one", client_id="other"), provider(id="two")
    assert unverified_provider(token(logout_claims(aud=["x", CLIENT_ID])), [first, second]) is second
    assert unverified_provider(token(logout_claims(aud="third")), [first, second]) is None
