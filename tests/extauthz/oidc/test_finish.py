"""Transcripts: what the provider is asked, in order, and what comes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from access_model.secret import Secret
from extauthz.oidc.errors import ProviderUnavailable, Reason
from extauthz.oidc.finish import SignInRefused, finish_sign_in
from extauthz.oidc.http import Freshness, HttpResponse
from extauthz.oidc.signed_in import SignedIn
from tests.extauthz.oidc.fake_provider import (
    ACCESS_TOKEN,
    ISSUER,
    JWKS,
    NOW,
    FakeProvider,
    attempt,
    claims,
    discovery,
    drive,
    json_response,
    provider,
    token,
)

GOOD = (("code", "code-1"), ("state", attempt().state), ("iss", ISSUER))
DISCOVERY = "/.well-known/openid-configuration"
TOKEN: dict[str, Any] = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": token(claims())}


def finish(fake: FakeProvider, params: Sequence[tuple[str, str]] = GOOD) -> SignedIn | SignInRefused:
    return drive(finish_sign_in(attempt(), params, provider(), NOW), fake)


def refused(fake: FakeProvider, params: Sequence[tuple[str, str]] = GOOD) -> Reason:
    outcome = finish(fake, params)
    assert isinstance(outcome, SignInRefused)
    assert "code-1" not in outcome.detail
    assert ACCESS_TOKEN not in outcome.detail
    return outcome.reason


def test_a_code_becomes_a_user() -> None:
    fake = FakeProvider()
    user = finish(fake)
    assert isinstance(user, SignedIn)
    assert (user.issuer, user.subject) == (ISSUER, "alice")
    assert (user.email, user.email_verified, user.name) == ("alice@example.com", True, "Alice")
    assert user.tokens.access_token == Secret.of(ACCESS_TOKEN)
    assert user.tokens.refresh_token == Secret.of("refresh-1")
    assert user.tokens.access_expires == NOW + timedelta(hours=1)
    assert "nonce" not in user.claims
    assert fake.asked == [f"GET {DISCOVERY}", "POST /token", "GET /jwks", "GET /userinfo"]


def test_the_code_is_redeemed_with_the_verifier() -> None:
    fake = FakeProvider()
    finish(fake)
    request = fake.requests[1]
    assert request.freshness is Freshness.SENT
    assert request.client_auth == "client_secret_basic"
    assert dict(request.form) == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://auth.example.com/oauth2/callback",
        "code_verifier": attempt().code_verifier,
    }
    assert "code-1" not in repr(request)
    assert fake.requests[3].headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"
    assert ACCESS_TOKEN not in repr(fake.requests[3])


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ([], Reason.RESPONSE_MALFORMED),
        ([("state", "s")], Reason.RESPONSE_MALFORMED),
        ([("code", "")], Reason.RESPONSE_MALFORMED),
        ([("code", "a\x00b")], Reason.RESPONSE_MALFORMED),
        ([("code", "é")], Reason.RESPONSE_MALFORMED),
        ([("code", "x" * 65536)], Reason.RESPONSE_MALFORMED),
        ([("code", "a"), ("code", "a")], Reason.RESPONSE_MALFORMED),
        ([*GOOD, ("iss", ISSUER)], Reason.RESPONSE_MALFORMED),
        ([*GOOD, ("state", "x")], Reason.RESPONSE_MALFORMED),
        ([("error", "access_denied"), ("error", "x")], Reason.RESPONSE_MALFORMED),
        ([*GOOD, ("error", "access_denied")], Reason.ACCESS_DENIED),
        ([("error", "access_denied")], Reason.ACCESS_DENIED),
        ([("error", "unauthorized_client")], Reason.ACCESS_DENIED),
        ([("error", "login_required")], Reason.PROVIDER_ERROR),
        ([("error", "")], Reason.RESPONSE_MALFORMED),
        ([("error", "a\nb")], Reason.RESPONSE_MALFORMED),
    ],
)
def test_a_response_that_is_not_one_clear_code_asks_nobody(params: list[tuple[str, str]], reason: Reason) -> None:
    fake = FakeProvider()
    assert refused(fake, params) is reason
    assert fake.asked == []


def test_the_words_of_an_error_are_cut_and_cleaned() -> None:
    outcome = finish(FakeProvider(), [("error", "server_error"), ("error_description", "<img>\r\n" + "x" * 500)])
    assert isinstance(outcome, SignInRefused)
    assert "\n" not in outcome.detail
    assert len(outcome.detail) < 300


@pytest.mark.parametrize("issuer", [None, "https://evil.example", f"{ISSUER}/", ""])
def test_the_answer_of_another_provider_is_refused_before_the_code_is_spent(issuer: str | None) -> None:
    fake = FakeProvider()
    params = [("code", "code-1"), *([] if issuer is None else [("iss", issuer)])]
    assert refused(fake, params) is Reason.RESPONSE_ISSUER
    assert fake.asked == [f"GET {DISCOVERY}"]


def test_iss_is_compared_even_where_it_was_not_announced() -> None:
    silent = json_response(discovery(authorization_response_iss_parameter_supported=None))
    assert refused(FakeProvider(documents={DISCOVERY: silent}), [("code", "c"), ("iss", "x")]) is Reason.RESPONSE_ISSUER
    assert isinstance(finish(FakeProvider(documents={DISCOVERY: silent}), [("code", "c")]), SignedIn)


def test_an_attempt_with_another_issuer_is_refused() -> None:
    silent = discovery(authorization_response_iss_parameter_supported=None)
    fake = FakeProvider(documents={DISCOVERY: json_response(silent)})
    elsewhere = replace(attempt(), issuer="https://other.example")
    outcome = drive(finish_sign_in(elsewhere, [("code", "c")], provider(), NOW), fake)
    assert isinstance(outcome, SignInRefused)
    assert outcome.reason is Reason.RESPONSE_ISSUER
    assert fake.asked == [f"GET {DISCOVERY}"]


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (json_response({"error": "invalid_grant"}, 400), Reason.CODE),
        (json_response({"error": "invalid_client"}, 401), Reason.CLIENT),
        (json_response({"error": "other"}, 400), Reason.TOKEN_RESPONSE),
        (HttpResponse(302), Reason.TOKEN_RESPONSE),
        (HttpResponse(200, "text/html", b"<html>"), Reason.TOKEN_RESPONSE),
        (json_response({**TOKEN, "token_type": "DPoP"}), Reason.TOKEN_RESPONSE),
        (json_response({**TOKEN, "token_type": None}), Reason.TOKEN_RESPONSE),
        (json_response({**TOKEN, "access_token": ""}), Reason.TOKEN_RESPONSE),
        (json_response({**TOKEN, "access_token": "a\r\nb"}), Reason.TOKEN_RESPONSE),
        (json_response({**TOKEN, "id_token": None}), Reason.TOKEN_RESPONSE),
        (json_response({**TOKEN, "id_token": ["x"]}), Reason.TOKEN_RESPONSE),
        (json_response({**TOKEN, "refresh_token": 7}), Reason.TOKEN_RESPONSE),
    ],
)
def test_a_token_response_that_is_none_ends_the_sign_in(response: HttpResponse, reason: Reason) -> None:
    fake = FakeProvider(documents={"/token": response})
    assert refused(fake) is reason
    assert fake.asked == [f"GET {DISCOVERY}", "POST /token"]


@pytest.mark.parametrize(
    "changed",
    [{"token_type": "bearer"}, {"expires_in": "3600"}, {"expires_in": -1}, {"expires_in": "9" * 5000}, {"scope": 7}],
)
def test_a_token_response_may_be_loose_where_it_does_not_matter(changed: dict[str, Any]) -> None:
    assert isinstance(finish(FakeProvider(documents={"/token": json_response({**TOKEN, **changed})})), SignedIn)


@pytest.mark.parametrize("path", ["/token", "/userinfo", DISCOVERY])
def test_a_provider_that_cannot_is_unavailable(path: str) -> None:
    with pytest.raises(ProviderUnavailable):
        finish(FakeProvider(documents={path: HttpResponse(503)}))


def test_a_bad_id_token_gets_no_userinfo() -> None:
    fake = FakeProvider(id_token=token(claims(nonce="another")))
    assert refused(fake) is Reason.ID_TOKEN_NONCE
    assert "GET /userinfo" not in fake.asked


def test_an_algorithm_the_provider_does_not_announce_is_refused() -> None:
    only = json_response(discovery(id_token_signing_alg_values_supported=["ES256"]))
    assert refused(FakeProvider(documents={DISCOVERY: only})) is Reason.ID_TOKEN_ALGORITHM


def test_an_unknown_key_is_looked_for_once_more() -> None:
    fake = FakeProvider(id_token=token(claims(), {"kid": "unknown"}))
    assert refused(fake) is Reason.ID_TOKEN_KEY
    asked = [request.freshness for request in fake.requests if request.url.endswith("/jwks")]
    assert asked == [Freshness.KEPT, Freshness.RENEWED]


@pytest.mark.parametrize(
    "document",
    [
        {"keys": []},
        {"keys": "none"},
        {},
        {"keys": [{"kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0"}]},
        {"keys": [{**JWKS["keys"][0], "use": "enc"}]},
        {"keys": [{**JWKS["keys"][0], "alg": "RS512"}]},
        {"keys": [{**JWKS["keys"][0], "n": "AQAB"}]},
        {"keys": [{"kty": "RSA", "kid": "rsa-1"}]},
        {"keys": [{"kty": "RSA", "kid": "rsa-1", "n": 7, "e": []}]},
    ],
)
def test_keys_that_do_not_fit_are_no_keys(document: object) -> None:
    assert refused(FakeProvider(documents={"/jwks": json_response(document)})) is Reason.ID_TOKEN_KEY


def test_a_token_without_key_id_needs_a_single_fitting_key() -> None:
    without = token(claims(), {"kid": None})
    assert isinstance(finish(FakeProvider(id_token=without)), SignedIn)
    two = json_response({"keys": [JWKS["keys"][0], {**JWKS["keys"][0], "kid": "rsa-2"}]})
    assert refused(FakeProvider(id_token=without, documents={"/jwks": two})) is Reason.ID_TOKEN_KEY


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (json_response({"sub": "bob"}), Reason.USERINFO_SUBJECT),
        (json_response({}), Reason.USERINFO_SUBJECT),
        (json_response({"sub": ["alice"]}), Reason.USERINFO_SUBJECT),
        (json_response({"sub": "alice"}, 401), Reason.USERINFO),
        (HttpResponse(200, "application/jwt", b"a.b.c"), Reason.USERINFO),
        (HttpResponse(302), Reason.USERINFO),
    ],
)
def test_userinfo_must_be_about_the_same_user(response: HttpResponse, reason: Reason) -> None:
    assert refused(FakeProvider(documents={"/userinfo": response})) is reason


def test_a_provider_without_userinfo_speaks_through_the_id_token() -> None:
    silent = json_response(discovery(userinfo_endpoint=None))
    text = token(claims(email="a@b.c", email_verified="false", name="A", sid="s-1", groups=["x"]))
    user = finish(FakeProvider(id_token=text, documents={DISCOVERY: silent}))
    assert isinstance(user, SignedIn)
    assert (user.email, user.email_verified, user.name, user.provider_session) == ("a@b.c", False, "A", "s-1")
    assert user.claims["groups"] == ("x",)
    assert user.profile == {}
