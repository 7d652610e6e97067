"""The demo's identity provider speaks OpenID Connect as a relying party expects."""

import json
import signal
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.harness.identity_provider import ALICE, BOB, MALLORY, Client, User, identity_provider
from tests.harness.relying_party import RelyingParty
from tests.harness.upstream import Upstream
from tests.harness.web_client import WebClient, first_form, is_sign_in, login, web_client


def claims_of(party: RelyingParty, token: str, algorithm: str = "RS256") -> dict[str, Any]:
    keys = KeySet.import_key_set(party.get("jwks_uri").json())
    return jwt.decode(token, keys, algorithms=[algorithm]).claims


def test_discovery_offers_what_a_careful_client_wants(party: RelyingParty) -> None:
    assert party.discovery["issuer"] == party.provider.issuer
    assert party.discovery["response_types_supported"] == ["code"]
    assert party.discovery["code_challenge_methods_supported"] == ["S256"]
    assert party.discovery["authorization_response_iss_parameter_supported"] is True
    assert party.discovery["backchannel_logout_session_supported"] is True
    for endpoint in ("end_session", "revocation", "introspection", "pushed_authorization_request", "userinfo"):
        assert party.discovery[f"{endpoint}_endpoint"].startswith(party.provider.issuer)


def test_keys_are_public_and_of_both_kinds(party: RelyingParty) -> None:
    keys = party.get("jwks_uri").json()["keys"]
    assert sorted(key["alg"] for key in keys) == ["ES256", "RS256"]
    assert not any("d" in key for key in keys)


def test_code_flow_gives_tokens_and_claims(party: RelyingParty, person: WebClient) -> None:
    answer = party.sign_in(person, ALICE)
    assert (answer["state"], answer["iss"]) == ("the-state", party.provider.issuer)
    tokens = party.redeem(answer["code"]).json()
    claims = claims_of(party, tokens["id_token"])
    assert (claims["sub"], claims["aud"], claims["nonce"]) == ("alice", "ostiary", "the-nonce")
    assert claims["sid"]
    profile = party.get("userinfo_endpoint", tokens["access_token"]).json()
    assert profile == {
        "sub": "alice",
        "email": "alice@example.com",
        "email_verified": True,
        "name": "Alice Liddell",
        "groups": ["engineering", "admins"],
    }


def test_a_code_works_once_and_only_with_its_verifier(party: RelyingParty, person: WebClient) -> None:
    code = party.sign_in(person, ALICE)["code"]
    assert party.redeem(code, code_verifier="x" * 43).json()["error"] == "invalid_grant"
    person.jar.clear()
    code = party.sign_in(person, ALICE)["code"]
    assert party.redeem(code).status_code == 200
    assert party.redeem(code).json()["error"] == "invalid_grant"


def test_refresh_tokens_rotate_and_a_used_one_ends_them_all(party: RelyingParty, person: WebClient) -> None:
    first = party.redeem(party.sign_in(person, BOB)["code"]).json()
    second = party.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert claims_of(party, second["id_token"])["sub"] == "bob"
    assert party.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"


def test_the_second_sign_in_needs_no_password(party: RelyingParty, person: WebClient) -> None:
    party.sign_in(person, ALICE)
    page = person.get(party.authorization_url())
    assert str(page.url).startswith(party.redirect_uri)
    assert is_sign_in(person.get(party.authorization_url(prompt="login")))


def test_consent_is_given_even_when_asked_for(party: RelyingParty, person: WebClient) -> None:
    assert "code" in party.sign_in(person, ALICE, prompt="consent")


def test_pkce_is_required(party: RelyingParty, person: WebClient, callback: Upstream) -> None:
    person.get(party.authorization_url(code_challenge=None, code_challenge_method=None))
    assert "error=invalid_request" in callback.last().target


def test_an_unknown_redirect_uri_is_never_visited(party: RelyingParty, person: WebClient, callback: Upstream) -> None:
    page = person.get(party.authorization_url(redirect_uri=f"{callback.url}/elsewhere"))
    assert page.status_code == 400
    assert "redirect_uri" in page.text
    assert callback.requests == []


def test_a_wrong_password_shows_the_form_again(party: RelyingParty, person: WebClient, callback: Upstream) -> None:
    page = login(person, party.authorization_url(), ALICE.email, "<script>")
    assert page.status_code == 422
    assert "do not belong together" in page.text
    assert first_form(page).fields == {"username": ALICE.email, "password": ""}
    assert callback.requests == []


def test_a_page_shows_what_was_typed_as_text(party: RelyingParty, person: WebClient) -> None:
    page = login(person, party.authorization_url(), '"><script>alert(1)</script>', "x")
    assert "<script>alert" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_listed_user_fills_in_the_form(party: RelyingParty, person: WebClient) -> None:
    page = person.get(party.authorization_url())
    assert first_form(page).fields == {"username": "", "password": ""}
    filled = person.get(f"{page.url}?as={MALLORY.id}")
    assert first_form(filled).fields == {"username": MALLORY.email, "password": MALLORY.password}


def test_a_sign_in_page_of_another_browser_has_expired(party: RelyingParty, person: WebClient) -> None:
    page = person.get(party.authorization_url())
    with web_client() as stranger:
        assert stranger.get(str(page.url)).status_code == 400


def test_sign_out_asks_and_then_ends_session_and_tokens(
    party: RelyingParty, person: WebClient, callback: Upstream
) -> None:
    tokens = party.redeem(party.sign_in(person, ALICE)["code"]).json()
    sid = claims_of(party, tokens["id_token"])["sid"]
    parameters = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": f"{callback.url}/signed-out",
        "state": "back",
    }
    question = person.get(str(httpx.URL(party.discovery["end_session_endpoint"], params=parameters)))
    assert "Sign out?" in question.text
    callback.clear()
    person.submit(question, {"logout": "yes"})
    backchannel, signed_out = callback.requests
    assert (backchannel.method, backchannel.target) == ("POST", "/backchannel")
    logout = claims_of(party, backchannel.body.decode().removeprefix("logout_token="))
    assert (logout["sub"], logout["sid"], logout["aud"]) == ("alice", sid, "ostiary")
    assert signed_out.target == "/signed-out?state=back"
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert is_sign_in(person.get(party.authorization_url()))


def test_only_a_hint_of_the_same_user_signs_out_without_a_question(party: RelyingParty, person: WebClient) -> None:
    tokens = party.redeem(party.sign_in(person, ALICE)["code"]).json()
    url = httpx.URL(party.discovery["end_session_endpoint"])
    with_hint = person.get(str(url.copy_merge_params({"id_token_hint": tokens["id_token"]})))
    without = person.get(str(url.copy_merge_params({"client_id": "ostiary"})))
    assert "<script" in with_hint.text
    assert "<script" not in without.text


def test_revocation_and_introspection(party: RelyingParty, person: WebClient) -> None:
    tokens = party.redeem(party.sign_in(person, ALICE)["code"]).json()
    question = {"token": tokens["access_token"]}
    assert party.post("introspection_endpoint", question).json()["active"] is True
    assert party.post("revocation_endpoint", {"token": tokens["refresh_token"]}).status_code == 200
    assert party.post("introspection_endpoint", question).json() == {"active": False}


def test_pushed_authorization_request(party: RelyingParty, person: WebClient) -> None:
    pushed = party.post("pushed_authorization_request_endpoint", party.authorization())
    assert pushed.status_code == 201
    reference = {"client_id": "ostiary", "request_uri": pushed.json()["request_uri"]}
    url = str(httpx.URL(party.discovery["authorization_endpoint"], params=reference))
    page = login(person, url, ALICE.email, ALICE.password)
    assert str(page.url).startswith(f"{party.redirect_uri}?code=")


def test_settings_reach_claims_lifetimes_and_algorithms(tmp_path: Path, upstream: Upstream) -> None:
    odd = User("o'dd", "odd@example.com", "pass word", claims={"nested": {"role": "a\r\nX: 1"}})
    client = Client((f"{upstream.url}/cb",), metadata={"id_token_signed_response_alg": "ES256"})
    lifetimes = {"access_token": 7}
    with (
        identity_provider(tmp_path, client, users=[odd], token_lifetimes=lifetimes) as provider,
        web_client() as person,
    ):
        discovery = httpx.get(f"{provider.issuer}/.well-known/openid-configuration", trust_env=False).json()
        party = RelyingParty(provider, discovery)
        tokens = party.redeem(party.sign_in(person, odd)["code"]).json()
        assert tokens["expires_in"] == 7
        assert claims_of(party, tokens["id_token"], "ES256")["sub"] == "o'dd"
        profile = party.get("userinfo_endpoint", tokens["access_token"]).json()
        assert profile["nested"] == {"role": "a\r\nX: 1"}


def test_a_signal_ends_it_at_once(tmp_path: Path) -> None:
    with identity_provider(tmp_path, Client(("http://127.0.0.1:1/cb",))) as provider:
        ready = provider.process.wait_for_line('{"listening":')
        assert json.loads(ready) == {"listening": provider.issuer}
        provider.process.signal(signal.SIGINT)
        assert provider.process.wait_for_end(deadline=5) == 0
