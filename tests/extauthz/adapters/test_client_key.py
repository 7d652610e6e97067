"""`private_key_jwt`: the assertion that providers get in place of a secret, and the key set they verify it with."""

from dataclasses import replace
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from access_model.model import AssertionAudience
from extauthz.adapters.client_authentication import authenticate
from extauthz.adapters.client_key import ClientKey
from extauthz.adapters.provider_client import ProviderClient
from extauthz.oidc.http import ClientAuthMethod, HttpRequest
from tests.extauthz.oidc.fake_provider import ISSUER, NOW, attempt, discovery, provider

KEY = ClientKey.derived(b"k" * 32)
PROVIDER = provider(client_secret=None, client_authentication="private_key_jwt")


def test_the_same_secret_gives_the_same_key_and_another_another() -> None:
    assert ClientKey.derived(b"k" * 32).jwks() == KEY.jwks()
    assert ClientKey.derived(b"l" * 32).jwks() != KEY.jwks()


def test_the_key_set_has_no_private_part() -> None:
    (key,) = KEY.jwks()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


@pytest.mark.parametrize(("audience", "meant"), [("issuer", ISSUER), ("endpoint", f"{ISSUER}/par")])
def test_an_assertion_is_for_the_issuer_or_for_the_very_address_that_is_asked(
    audience: AssertionAudience, meant: str
) -> None:
    asked = HttpRequest("POST", f"{ISSUER}/par", client_auth="private_key_jwt")
    named = replace(PROVIDER, assertion_audience=audience)
    outgoing = authenticate(asked, named, lambda client, given: f"{client} {given}")
    assert parse_qs(outgoing.body.decode())["client_assertion"] == [f"ostiary {meant}"]


async def test_the_token_endpoint_gets_an_assertion_that_the_key_set_verifies() -> None:
    seen: list[httpx.Request] = []

    def site(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path == "/token":
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json=discovery(token_endpoint_auth_methods_supported=["private_key_jwt"]))

    client = ProviderClient(lambda: NOW, httpx.MockTransport(site), KEY)
    params = (("code", "c"), ("state", attempt().state), ("iss", ISSUER))
    for _ in range(2):
        await client.finish_sign_in(PROVIDER, attempt(), params)
    await client.aclose()
    forms = [parse_qs(request.content.decode()) for request in seen if request.url.path == "/token"]
    claims = [jwt.decode(form["client_assertion"][0], KeySet([KEY.key])).claims for form in forms]
    assert {claim["jti"] for claim in claims} != {claims[0]["jti"]}
    moment = int(NOW.timestamp())
    good = {"iss": "ostiary", "sub": "ostiary", "aud": ISSUER, "iat": moment, "exp": moment + 60}
    assert {name: value for name, value in claims[0].items() if name != "jti"} == good
    assert forms[0]["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    assert "client_secret" not in forms[0]
    assert all("authorization" not in request.headers for request in seen)


def test_without_a_key_nothing_is_sent() -> None:
    asked = HttpRequest("POST", f"{ISSUER}/token", form=(("a", "b"),), client_auth="private_key_jwt")
    with pytest.raises(ValueError, match="no key"):
        authenticate(asked, PROVIDER)


@pytest.mark.parametrize("method", ["client_secret_post", "private_key_jwt", "none"])
def test_a_form_that_names_the_client_names_it_once(method: ClientAuthMethod) -> None:
    asked = HttpRequest("POST", f"{ISSUER}/par", form=(("client_id", "ostiary"), ("a", "b")), client_auth=method)
    body = parse_qs(authenticate(asked, provider(), lambda _client, _audience: "proof").body.decode())
    assert (body["client_id"], body["a"]) == (["ostiary"], ["b"])
