"""The whole way with an identity provider that shares no code with the demo's: Debian's Glewlwyd, written in C.

It gives no ID token with a refresh, sends `iss` without announcing it, refuses a refresh token without saying why, and
its logout tokens have no end.
"""

import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from extauthz.refresh.due import GRACE
from tests.end_to_end.assertions import assertion_of, verified_claims
from tests.harness.due import make_due
from tests.harness.glewlwyd import Glewlwyd, glewlwyd
from tests.harness.identity_provider import ALICE, BOB, MALLORY, User
from tests.harness.stack import APP, AUTHENTICATE, OTHER, Stack, running_stack
from tests.harness.web_client import WebClient

SIGN_OUT = "/.pomerium/sign_out"
KEYED = "keyed.localhost"
"""Leads to the upstream `other`; who has signed in with a client that has a key and no secret."""
ROUTES: list[dict[str, Any]] = [
    {"from": f"https://{host}:{{port}}", "to": to, "identity_providers": [provider], **who}
    for host, to, provider, who in (
        (APP, "{app}", "default", {"allowed_domains": ["example.com"]}),
        (OTHER, "{other}", "default", {"allowed_users": [ALICE.email]}),
        (KEYED, "{other}", "keyed", {"allow_any_authenticated_user": True}),
    )
]
SETTINGS: dict[str, Any] = {
    # It takes Basic credentials as they are, where RFC 6749 section 2.3.1 has clients form-encode them.
    "idp_client_authentication": "client_secret_post",
    "identity_providers": {
        "keyed": {
            "issuer": "{provider}",
            "client_id": "keyed",
            "client_authentication": "private_key_jwt",
            # It knows itself by the address that is asked alone, where RFC 9126 section 2 has it take the issuer too.
            "client_assertion_audience": "endpoint",
            "pushed_authorization": True,
        }
    },
    "routes": ROUTES,  # instead of the usual ones, which take every provider
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("glewlwyd")
    with running_stack(folder, start_provider=glewlwyd, settings=SETTINGS, routes=ROUTES) as running:
        yield running


@pytest.fixture
def provider(stack: Stack) -> Glewlwyd:
    stack.app.clear()
    assert isinstance(stack.provider, Glewlwyd)
    return stack.provider


def signed_in(stack: Stack, client: WebClient, user: User = ALICE, host: str = APP) -> WebClient:
    """Sign somebody in on a host; returns their browser."""
    assert isinstance(stack.provider, Glewlwyd)
    page = stack.provider.login(client, stack.url(host), user)
    assert page.url.host == host, f"login ended at {page.url}: {page.status_code}\n{page.text[:2000]}"
    return client


def status(stack: Stack, cookie: str | None, host: str = APP) -> int:
    """What a program gets that shows a browser's cookie."""
    path = "/.pomerium/user" if host == AUTHENTICATE else "/"
    with stack.program() as program:
        return program.get(stack.url(host, path), headers={"cookie": cookie or ""}).status_code


def test_a_login_leads_to_the_original_url_with_the_provider_s_claims(stack: Stack, provider: Glewlwyd) -> None:
    with stack.client() as client:
        page = provider.login(client, stack.url(APP, "/report?year=2026"), ALICE)
    assert (page.status_code, stack.app.last().target) == (HTTPStatus.OK, "/report?year=2026")
    claims = verified_claims(stack, assertion_of(stack.app.last()), APP)
    assert (claims["email"], claims["name"], claims["groups"]) == (ALICE.email, ALICE.name, list(ALICE.groups))
    (answer,) = [one for one in client.history if one.url.path == "/oauth2/callback"]
    assert answer.url.params["iss"] == provider.issuer


def test_one_login_opens_the_other_hosts_to_whom_the_policy_lets_pass(stack: Stack, provider: Glewlwyd) -> None:
    with stack.client() as alice, stack.client() as bob:
        assert signed_in(stack, alice).get(stack.url(OTHER)).status_code == HTTPStatus.OK
        assert signed_in(stack, bob, BOB).get(stack.url(OTHER)).status_code == HTTPStatus.FORBIDDEN


def test_an_unverified_address_opens_no_domain_rule(stack: Stack, provider: Glewlwyd) -> None:
    with stack.client() as client:
        assert provider.login(client, stack.url(APP), MALLORY).status_code == HTTPStatus.FORBIDDEN
    assert stack.app.requests == []


def test_changed_groups_count_after_a_refresh_and_each_refresh_token_works_once(
    stack: Stack, provider: Glewlwyd
) -> None:
    with stack.client() as client:
        signed_in(stack, client, BOB)
        for groups in (["reviewers", "ops"], ["ops"], []):
            provider.set_groups(BOB, groups)
            make_due(stack.config["session_store_url"], BOB.email)
            _wait_for_groups(stack, client, groups)
        provider.set_groups(BOB, BOB.groups)
    renewed = [line for line in provider.process.output().splitlines() if "Refresh token generated for" in line]
    assert len([line for line in renewed if "'bob' with scope" in line]) >= 4


def _wait_for_groups(stack: Stack, client: WebClient, groups: list[str]) -> None:
    end = time.monotonic() + 5
    while True:
        assert client.send("GET", stack.url(APP)).status_code == HTTPStatus.OK
        if verified_claims(stack, assertion_of(stack.app.last()), APP)["groups"] == groups:
            return
        assert time.monotonic() < end, f"the groups never became {groups}"


def test_a_grant_taken_back_at_the_provider_ends_the_session_behind_the_grace(stack: Stack, provider: Glewlwyd) -> None:
    with stack.client() as client:
        signed_in(stack, client, BOB)
        provider.revoke(client)
        make_due(stack.config["session_store_url"], BOB.email, ended=GRACE)
        end = time.monotonic() + 5
        while client.send("GET", stack.url(APP)).status_code != HTTPStatus.UNAUTHORIZED:
            assert time.monotonic() < end


def test_a_sign_out_leads_through_the_provider_and_back(stack: Stack, provider: Glewlwyd) -> None:
    with stack.client() as client:
        signed_in(stack, client)
        cookies = {host: client.jar.header(stack.url(host), 0) for host in (APP, AUTHENTICATE)}
        page = client.post(stack.url(APP, SIGN_OUT), {})
        assert [status(stack, cookie, host) for host, cookie in cookies.items()] == [HTTPStatus.UNAUTHORIZED] * 2
        back = provider.end_session(client, page)
        assert str(back.url).startswith(stack.url(AUTHENTICATE, "/.pomerium/signed_out?state="))
        assert back.status_code == HTTPStatus.OK
        assert client.get(stack.url(APP)).url.path == "/login.html"  # asked for the password again


def test_a_sign_out_at_the_provider_signs_out_here(stack: Stack, provider: Glewlwyd) -> None:
    with stack.client() as client, stack.client() as elsewhere:
        signed_in(stack, client)
        signed_in(stack, elsewhere)
        client.get(stack.url(OTHER))
        cookies = {host: client.jar.header(stack.url(host), 0) for host in (APP, OTHER, AUTHENTICATE)}
        provider.end_own_session(client)
        end = time.monotonic() + 5
        while {status(stack, cookie, host) for host, cookie in cookies.items()} != {HTTPStatus.UNAUTHORIZED}:
            assert time.monotonic() < end
        assert elsewhere.send("GET", stack.url(APP)).status_code == HTTPStatus.OK


def test_a_client_with_a_key_pushes_its_requests_and_needs_no_secret(stack: Stack, provider: Glewlwyd) -> None:
    with stack.program() as program:
        keys = program.get(stack.url(AUTHENTICATE, "/.pomerium/jwks.json")).json()
    callback = stack.url(AUTHENTICATE, "/oauth2/callback/keyed")
    provider.register("keyed", callback, token_endpoint_auth_method=["private_key_jwt"], jwks=keys)
    with stack.client() as client:
        signed_in(stack, client, ALICE, KEYED)
        (asked,) = [one.url.params for one in client.history if one.url.path == "/api/oidc/auth"][:1]
    assert set(asked) == {"client_id", "request_uri"}
    assert verified_claims(stack, assertion_of(stack.other.last()), KEYED)["email"] == ALICE.email
