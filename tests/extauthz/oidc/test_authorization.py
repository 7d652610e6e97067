from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from extauthz.oidc.attempt import new_attempt
from extauthz.oidc.authorization import authorize
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable, Reason
from tests.extauthz.oidc.fake_provider import ISSUER, FakeProvider, attempt, discovery, drive, json_response, provider

DISCOVERY = "/.well-known/openid-configuration"
PUSHED = json_response(
    discovery(require_pushed_authorization_requests=True, pushed_authorization_request_endpoint=f"{ISSUER}/par")
)


def test_the_request_is_code_with_pkce_state_and_nonce() -> None:
    url = drive(authorize(provider(), attempt()), FakeProvider())
    assert url.startswith(f"{ISSUER}/authorize?")
    assert parse_qs(urlsplit(url).query, strict_parsing=True) == {
        "response_type": ["code"],
        "client_id": ["ostiary"],
        "redirect_uri": ["https://auth.example.com/oauth2/callback"],
        "scope": ["openid profile email"],
        "state": ["c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M"],
        "nonce": ["bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4"],
        "code_challenge": [attempt().code_challenge],
        "code_challenge_method": ["S256"],
    }


def test_the_challenge_is_that_of_rfc_7636_appendix_b() -> None:
    example = replace(attempt(), code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert example.code_challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_extra_parameters_come_from_the_operator_and_replace_nothing() -> None:
    extra = {"prompt": "select_account", "state": "fixed", "code_challenge_method": "plain", "redirect_uri": "x"}
    url = drive(authorize(provider(request_params=extra), attempt()), FakeProvider())
    sent = parse_qs(urlsplit(url).query)
    assert sent["prompt"] == ["select_account"]
    assert sent["state"] == [attempt().state]
    assert sent["code_challenge_method"] == ["S256"]
    assert sent["redirect_uri"] == [attempt().redirect_uri]


def test_an_endpoint_with_a_query_keeps_it() -> None:
    document = json_response(discovery(authorization_endpoint=f"{ISSUER}/authorize?tenant=1"))
    url = drive(authorize(provider(), attempt()), FakeProvider(documents={DISCOVERY: document}))
    assert url.startswith(f"{ISSUER}/authorize?tenant=1&response_type=code")


def test_the_request_is_pushed_where_the_provider_insists() -> None:
    answer = json_response({"request_uri": "urn:x:1", "expires_in": 60}, 201)
    fake = FakeProvider(documents={DISCOVERY: PUSHED, "/par": answer})
    url = drive(authorize(provider(), attempt()), fake)
    assert url == f"{ISSUER}/authorize?client_id=ostiary&request_uri=urn%3Ax%3A1"
    pushed = fake.requests[-1]
    assert dict(pushed.form)["code_challenge"] == attempt().code_challenge
    assert pushed.client_auth == "client_secret_basic"


def test_a_refused_push_ends_the_attempt() -> None:
    refused = FakeProvider(documents={DISCOVERY: PUSHED, "/par": json_response({"error": "invalid_client"}, 401)})
    with pytest.raises(NotTrusted) as caught:
        drive(authorize(provider(), attempt()), refused)
    assert caught.value.reason is Reason.CLIENT
    failing = FakeProvider(documents={DISCOVERY: PUSHED, "/par": json_response({}, 503)})
    with pytest.raises(ProviderUnavailable):
        drive(authorize(provider(), attempt()), failing)


def test_an_attempt_needs_all_its_entropy() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        new_attempt("i", "r", b"s" * 32, b"n" * 31, b"v" * 32)


def test_an_attempt_does_not_print_its_secrets() -> None:
    assert attempt().nonce not in repr(attempt())
    assert attempt().code_verifier not in repr(attempt())
