"""Asking the provider again: what it is sent, what is believed of the answer, and what ends a session."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from access_model.secret import Secret
from extauthz.oidc.errors import AccessTokenRefused, NotTrusted, ProviderUnavailable, Reason
from extauthz.oidc.http import HttpResponse
from extauthz.oidc.refresh import Refreshed, RefreshRefused, refresh_tokens, renew_profile
from session_store.records import Tokens
from tests.extauthz.oidc.fake_provider import NOW, FakeProvider, claims, drive, json_response, provider, token

FIRST = token(claims(auth_time=1000))
HELD = Tokens(Secret.of("old-access"), Secret.of("old-refresh"), Secret.of(FIRST), NOW)
GIVEN: dict[str, Any] = {
    "access_token": "new-access",
    "token_type": "Bearer",
    "refresh_token": "new-refresh",
    "expires_in": 600,
}


def given(**changed: Any) -> FakeProvider:
    """A provider whose token endpoint answers like this."""
    return FakeProvider(documents={"/token": json_response({**GIVEN, **changed})})


def refresh(fake: FakeProvider, held: Tokens = HELD) -> Refreshed | RefreshRefused:
    return drive(refresh_tokens(provider(), held, NOW), fake)


def test_the_refresh_token_is_traded_in_once() -> None:
    fake = given()
    assert refresh(fake) == Refreshed(
        Tokens(Secret.of("new-access"), Secret.of("new-refresh"), Secret.of(FIRST), NOW + timedelta(minutes=10)), None
    )
    (asked,) = [request for request in fake.requests if request.method == "POST"]
    assert asked.form == (("grant_type", "refresh_token"), ("refresh_token", "old-refresh"))
    assert asked.client_auth == "client_secret_basic"


def test_a_refresh_token_that_is_not_replaced_stays() -> None:
    outcome = refresh(given(refresh_token=None))
    assert isinstance(outcome, Refreshed)
    assert outcome.tokens.refresh_token == Secret.of("old-refresh")


def test_the_claims_of_a_new_id_token_count() -> None:
    fresh = token(claims(nonce=None, groups=["guests"]))
    outcome = refresh(given(id_token=fresh))
    assert isinstance(outcome, Refreshed)
    assert outcome.claims is not None
    assert outcome.claims["groups"] == ("guests",)
    assert outcome.tokens.id_token == Secret.of(fresh)


@pytest.mark.parametrize(
    ("fresh", "reason"),
    [
        (token(claims(sub="mallory")), Reason.ID_TOKEN_SUBJECT),
        (token(claims(auth_time=2000)), Reason.ID_TOKEN_SUBJECT),
        (token(claims(iss="https://evil.example")), Reason.ID_TOKEN_ISSUER),
        (token(claims(aud="another")), Reason.ID_TOKEN_AUDIENCE),
        (token(claims(nonce="another")), Reason.ID_TOKEN_NONCE),
        (token(claims(), {"alg": "RS256"}, signer="ES256"), Reason.ID_TOKEN_SIGNATURE),
        (token(claims(), {"alg": "HS256"}), Reason.ID_TOKEN_ALGORITHM),
    ],
    ids=["other-user", "other-sign-in", "issuer", "audience", "nonce", "signature", "algorithm"],
)
def test_an_id_token_of_something_else_ends_the_session(fresh: str, reason: Reason) -> None:
    outcome = refresh(given(id_token=fresh))
    assert isinstance(outcome, RefreshRefused)
    assert outcome.reason is reason
    assert "new-access" not in outcome.detail


def test_an_invalid_grant_ends_the_session() -> None:
    outcome = refresh(FakeProvider(documents={"/token": json_response({"error": "invalid_grant"}, 400)}))
    assert isinstance(outcome, RefreshRefused)
    assert outcome.reason is Reason.REFRESH_TOKEN


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "server_error"])
def test_a_refused_client_ends_nobodys_session(error: str) -> None:
    with pytest.raises(NotTrusted):
        refresh(FakeProvider(documents={"/token": json_response({"error": error}, 401)}))


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_provider_in_trouble_is_asked_again_later(status: int) -> None:
    with pytest.raises(ProviderUnavailable):
        refresh(FakeProvider(documents={"/token": HttpResponse(status)}))


def test_what_was_given_is_kept_though_the_keys_cannot_be_had() -> None:
    class Keyless(FakeProvider):
        def answer(self, request: Any) -> HttpResponse:
            if request.url.endswith("/jwks"):
                raise ProviderUnavailable("no answer")
            return FakeProvider.answer(self, request)

    fake = Keyless(documents={"/token": json_response({**GIVEN, "id_token": token(claims())})})
    exchange = refresh_tokens(provider(), HELD, NOW)
    request = next(exchange)
    try:
        while True:
            try:
                request = exchange.send(fake.answer(request))
            except ProviderUnavailable as failure:
                request = exchange.throw(failure)
    except StopIteration as done:
        outcome = done.value
    assert isinstance(outcome, Refreshed)
    assert outcome.tokens.refresh_token == Secret.of("new-refresh")
    assert outcome.tokens.id_token == Secret.of(FIRST)


def test_without_an_id_token_before_a_new_one_is_not_taken() -> None:
    outcome = refresh(given(id_token=token(claims(sub="mallory"))), replace(HELD, id_token=None))
    assert isinstance(outcome, Refreshed)
    assert outcome.claims is None


def profile(fake: FakeProvider) -> Any:
    return drive(renew_profile(provider(), Secret.of("old-access"), {"sub": ("alice",)}), fake)


def test_the_profile_is_asked_for_with_the_access_token() -> None:
    fake = FakeProvider()
    assert profile(fake)["email"] == ("alice@example.com",)
    assert fake.requests[-1].headers["Authorization"] == "Bearer old-access"


def test_an_access_token_that_is_refused_is_told_from_other_trouble() -> None:
    with pytest.raises(AccessTokenRefused):
        profile(FakeProvider(documents={"/userinfo": HttpResponse(401)}))
    with pytest.raises(NotTrusted) as caught:
        profile(FakeProvider(documents={"/userinfo": json_response({"sub": "bob"})}))
    assert caught.value.reason is Reason.USERINFO_SUBJECT
