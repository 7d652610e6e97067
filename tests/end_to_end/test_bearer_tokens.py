"""Programs show tokens of a real provider, and of an issuer that signs its own, to a running Envoy."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.end_to_end.assertions import assertion_of, verified_claims
from tests.harness.identity_provider import ALICE, MALLORY, User, identity_provider
from tests.harness.key_server import KeyServer, key_server
from tests.harness.relying_party import RelyingParty
from tests.harness.stack import APP, Stack, running_stack
from tests.harness.web_client import web_client

ACCESS, TWICE, IDENTITY, SIGNED = (f"{name}-tokens.localhost" for name in ("access", "other", "identity", "signed"))
API = "https://api.example.com"
KEY = ECKey.generate_key("P-256", {"kid": "ci-1", "use": "sig", "alg": "ES256"}, private=True)
STRANGER = ECKey.generate_key("P-256", {"kid": "ci-1"}, private=True)
CHALLENGE = 'Bearer realm="{host}", error="invalid_token"'

ROUTES: list[dict[str, Any]] = [
    {
        "from": f"https://{ACCESS}:{{port}}",
        "path": "/shown",
        "to": "{app}",
        "allowed_domains": ["example.com"],
        "set_request_headers": {"X-Token": "${pomerium.access_token}"},
    },
    {"from": f"https://{ACCESS}:{{port}}", "to": "{app}", "allowed_domains": ["example.com"]},
    {
        "from": f"https://{TWICE}:{{port}}",
        "to": "{app}",
        "allow_any_authenticated_user": True,
        "idp_access_token_allowed_audiences": ["*"],
    },
    {
        "from": f"https://{IDENTITY}:{{port}}",
        "to": "{app}",
        "allowed_users": [ALICE.id],
        "bearer_token_format": "idp_identity_token",
    },
    {
        "from": f"https://{SIGNED}:{{port}}",
        "to": "{app}",
        "allowed_users": ["deploy", "ostiary"],
        "bearer_token_format": "jwt",
        "identity_providers": ["ci", "machines"],
    },
]


@pytest.fixture(scope="module")
def keys() -> Iterator[KeyServer]:
    """Give the issuer that signs tokens of its own."""
    with key_server([dict(KEY.as_dict(private=False))]) as running:
        yield running


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, keys: KeyServer) -> Iterator[Stack]:
    """Give a stack whose routes verify tokens."""
    issuer = f"http://127.0.0.1:{keys.port}"
    settings = {
        "bearer_token_format": "idp_access_token",
        "identity_providers": {
            "ci": {
                "issuer": issuer,
                "jwks_url": f"{issuer}/jwks.json",
                "audiences": [API],
                "supported_algs": ["ES256"],
            },
            "machines": {"issuer": "{provider}", "audiences": [API]},
        },
    }
    folder: Path = tmp_path_factory.mktemp("bearer")
    routes = [{**route, "identity_providers": route.get("identity_providers", ["default"])} for route in ROUTES]
    start = partial(identity_provider, resources=[API])
    with running_stack(folder, routes=routes, settings=settings, start_provider=start) as running:
        yield running


@pytest.fixture
def stack(world: Stack) -> Stack:
    world.app.clear()
    return world


@pytest.fixture(scope="module")
def party(world: Stack) -> RelyingParty:
    """Give a program that is registered at the provider as we are."""
    url = f"{world.provider.issuer}/.well-known/openid-configuration"
    return RelyingParty(world.provider, httpx.get(url, trust_env=False).json())


def tokens_of(world: Stack, party: RelyingParty, user: User = ALICE) -> dict[str, Any]:
    """The provider's tokens for somebody who has just signed in."""
    with web_client(world.certificate.authority) as client:
        answer = party.redeem(party.sign_in(client, user)["code"])
    assert answer.status_code == HTTPStatus.OK, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def ask(stack: Stack, host: str, token: str, **headers: str) -> httpx.Response:
    with stack.program() as program:
        return program.get(stack.url(host, "/api"), headers={"authorization": f"Bearer {token}", **headers})


def refused(stack: Stack, host: str, token: str) -> None:
    """Assert that a token opens nothing, and that nothing of it reaches the upstream."""
    answer = ask(stack, host, token)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED, answer.text
    assert answer.headers["www-authenticate"] == CHALLENGE.format(host=host)
    assert stack.app.requests == []


def test_an_access_token_of_the_provider(stack: Stack, party: RelyingParty) -> None:
    token = tokens_of(stack, party)["access_token"]
    answer = ask(stack, ACCESS, token, accept="text/html")
    assert answer.status_code == HTTPStatus.OK
    assert "set-cookie" not in answer.headers
    claims = verified_claims(stack, assertion_of(stack.app.last()), ACCESS)
    assert (claims["sub"], claims["email"]) == (ALICE.id, ALICE.email)
    assert claims["groups"] == list(ALICE.groups)
    assert stack.app.last().value("authorization") is None
    assert token not in str(stack.app.last().head)


def test_somebody_whom_the_policy_does_not_allow(stack: Stack, party: RelyingParty) -> None:
    assert ask(stack, ACCESS, tokens_of(stack, party, MALLORY)["access_token"]).status_code == HTTPStatus.FORBIDDEN
    assert stack.app.requests == []


def test_tokens_of_another_kind_are_no_access_tokens(stack: Stack, party: RelyingParty) -> None:
    tokens = tokens_of(stack, party)
    for host in (ACCESS, TWICE):
        for name in ("refresh_token", "id_token"):
            refused(stack, host, tokens[name])
        refused(stack, host, "made-up")


def test_a_token_that_is_revoked_at_the_provider(stack: Stack, party: RelyingParty) -> None:
    token = tokens_of(stack, party)["access_token"]
    assert ask(stack, ACCESS, token).status_code == HTTPStatus.OK
    party.post("revocation_endpoint", {"token": token})
    stack.app.clear()
    # the route that has seen it may remember it for half a minute; one with another demand asks
    refused(stack, TWICE, token)


def test_a_session_that_an_operator_revokes_takes_its_tokens_along(stack: Stack) -> None:
    with stack.signed_in(host=ACCESS) as person:
        person.send("GET", stack.url(ACCESS, "/shown"))
    token = stack.app.last().value("x-token")
    assert token
    session = verified_claims(stack, assertion_of(stack.app.last()), ACCESS)["sid"]
    command = [sys.executable, "-m", "ostiary", "sessions", "revoke", "-c", str(stack.ostiary.config_file), session]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "ended 1 session\n"
    assert done.stderr == "had the identity provider revoke the tokens of 1 session\n"
    stack.app.clear()
    refused(stack, TWICE, token)


def test_a_cookie_beside_a_token(stack: Stack, party: RelyingParty) -> None:
    token = tokens_of(stack, party)["access_token"]
    with stack.signed_in(host=ACCESS) as person:
        stack.app.clear()
        url = stack.url(ACCESS, "/api")
        for text in (token, "made-up"):
            answer = person.send("GET", url, headers={"authorization": f"Bearer {text}"})
            assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert stack.app.requests == []
        assert person.send("GET", url).status_code == HTTPStatus.OK


def test_two_tokens_in_one_request(stack: Stack, party: RelyingParty) -> None:
    token = tokens_of(stack, party)["access_token"]
    line = f"Authorization: Bearer {token}\r\n"
    head = f"GET / HTTP/1.1\r\nHost: {ACCESS}\r\n{line}{line}Connection: close\r\n\r\n"
    assert stack.raw(ACCESS, head.encode()).status == HTTPStatus.UNAUTHORIZED
    assert stack.app.requests == []


def test_fifty_requests_at_once_with_one_new_token(stack: Stack, party: RelyingParty) -> None:
    token = tokens_of(stack, party)["access_token"]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask(stack, ACCESS, token).status_code, range(50)))
    assert answers == [HTTPStatus.OK] * 50


def test_an_identity_token_of_the_provider(stack: Stack, party: RelyingParty) -> None:
    tokens = tokens_of(stack, party)
    assert ask(stack, IDENTITY, tokens["id_token"]).status_code == HTTPStatus.OK
    assert verified_claims(stack, assertion_of(stack.app.last()), IDENTITY)["sub"] == ALICE.id
    assert stack.app.last().value("authorization") is None
    stack.app.clear()
    refused(stack, IDENTITY, tokens["access_token"])
    head, body, signature = tokens["id_token"].split(".")
    refused(stack, IDENTITY, f"{head}.{body}.{signature[::-1]}")


def test_a_signed_access_token_that_a_machine_got_for_itself(stack: Stack, party: RelyingParty) -> None:
    answer = party.post("token_endpoint", {"grant_type": "client_credentials", "resource": API})
    token = answer.json()["access_token"]
    assert token.count(".") == 2
    assert ask(stack, SIGNED, token).status_code == HTTPStatus.OK
    assert verified_claims(stack, assertion_of(stack.app.last()), SIGNED)["sub"] == "ostiary"
    stack.app.clear()
    refused(stack, IDENTITY, token)
    refused(stack, SIGNED, tokens_of(stack, party)["id_token"])


def signed(keys: KeyServer, key: ECKey = KEY, **changed: Any) -> str:
    now = int(time.time())
    issuer = f"http://127.0.0.1:{keys.port}"
    claims = {"iss": issuer, "aud": API, "sub": "deploy", "iat": now, "exp": now + 300, **changed}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "ci-1"}, kept, key)


def test_a_token_of_an_issuer_that_nobody_signs_in_at(stack: Stack, keys: KeyServer) -> None:
    for number in range(20):
        assert ask(stack, SIGNED, signed(keys, jti=str(number))).status_code == HTTPStatus.OK
    assert verified_claims(stack, assertion_of(stack.app.last()), SIGNED)["sub"] == "deploy"
    assert len(keys.asked) == 1
    assert ask(stack, SIGNED, signed(keys, sub="somebody")).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "changed", [{"aud": "https://elsewhere.example.com"}, {"aud": None}, {"exp": 1}, {"exp": None}, {"sub": None}]
)
def test_a_token_of_that_issuer_for_somebody_else(stack: Stack, keys: KeyServer, changed: dict[str, Any]) -> None:
    refused(stack, SIGNED, signed(keys, **changed))


def test_a_token_that_somebody_else_signed(stack: Stack, keys: KeyServer) -> None:
    refused(stack, SIGNED, signed(keys, STRANGER))
    refused(stack, SIGNED, signed(keys, iss="https://evil.example"))


def test_where_no_format_is_set_the_token_is_the_upstreams(stack: Stack) -> None:
    public = "public.localhost"
    assert ask(stack, public, "of the upstream's own").status_code == HTTPStatus.OK
    assert stack.app.last().value("authorization") == "Bearer of the upstream's own"


def test_a_person_has_no_way_to_sign_in_where_tokens_alone_count(stack: Stack) -> None:
    with stack.client() as client:
        assert client.get(stack.url(SIGNED), follow=False).status_code == HTTPStatus.UNAUTHORIZED


def test_a_provider_that_does_not_answer_and_one_that_is_back(stack: Stack, party: RelyingParty) -> None:
    known, new = (tokens_of(stack, party)["access_token"] for _ in range(2))
    assert ask(stack, ACCESS, known).status_code == HTTPStatus.OK
    stack.provider.process.signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        answer = ask(stack, ACCESS, new)
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert "www-authenticate" not in answer.headers
        assert time.monotonic() - began < 4.5
        soon = time.monotonic()
        assert ask(stack, TWICE, "another").status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert ask(stack, ACCESS, known).status_code == HTTPStatus.OK
        assert time.monotonic() - soon < 4.5
    finally:
        stack.provider.process.signal(signal.SIGCONT)
    back = time.monotonic()
    while ask(stack, ACCESS, new).status_code != HTTPStatus.OK:
        assert time.monotonic() - back < 20, "a provider that is back is not asked again"


def test_no_log_line_holds_a_token(stack: Stack, party: RelyingParty, keys: KeyServer) -> None:
    tokens = [*tokens_of(stack, party).values(), signed(keys), "made-up-token-of-somebody"]
    texts = [token for token in tokens if isinstance(token, str) and len(token) > 20 and " " not in token]
    assert len(texts) == 5
    for text in texts:
        for host in (ACCESS, IDENTITY, SIGNED, APP):
            ask(stack, host, text)
    written = stack.ostiary.process.output()
    assert json.dumps("invalid-token") in written
    assert not [text for text in texts if text in written]
