"""Nothing that a client sends can pass for what we say about it."""

from http import HTTPStatus

import pytest

from tests.end_to_end.assertions import ASSERTION, assertion_of, verified_claims
from tests.harness.identity_provider import ALICE
from tests.harness.raw_http import get_raw
from tests.harness.stack import APP, PUBLIC, Stack

FORGED = "FORGED"
SPELLINGS = [
    "X-Pomerium-Jwt-Assertion",
    "x-pomerium-jwt-assertion",
    "X-POMERIUM-JWT-ASSERTION",
    "X_Pomerium_Jwt_Assertion",
    "X-Pomerium_Jwt-Assertion",
    "x_pomerium_jwt_assertion",
    "X-Pomerium-Claim-Email",
    "X_Pomerium_Claim_Email",
    "X-Pomerium-Anything",
    "X-Email",
    "X_Email",
    "x-email",
    "X-Groups",
    "X_Forwarded_For",
    "X_Forwarded_User",
    "Remote_User",
    "Remote-User",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Envoy-Original-Path",
    "X-Envoy-Internal",
    "X-Forwarded-Prefix",
    "X-Forwarded-Port",
    "Impersonate-User",
]


@pytest.mark.parametrize("name", SPELLINGS)
def test_on_a_public_route_no_spelling_gets_through(stack: Stack, name: str) -> None:
    answer = stack.raw(PUBLIC, get_raw(PUBLIC, "/", f"{name}: {FORGED}", f"{name}: {FORGED}2"))
    assert answer.status in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST}
    assert ("_" in name) == (answer.status == HTTPStatus.BAD_REQUEST)
    for request in stack.app.requests:
        assert not any(FORGED in value for _, value in request.headers), request.headers


@pytest.mark.parametrize("name", SPELLINGS)
def test_on_a_protected_route_the_upstream_sees_ours_alone(stack: Stack, name: str) -> None:
    with stack.signed_in(ALICE, APP) as client:
        cookie = client.jar.header(stack.url(APP), 0) or ""
        stack.app.clear()
        stack.raw(APP, get_raw(APP, "/", f"Cookie: {cookie}", f"{name}: {FORGED}", f"{name}: {FORGED}2"))
    assert len(stack.app.requests) == (0 if "_" in name else 1)
    for request in stack.app.requests:
        assert not any(FORGED in value for _, value in request.headers), request.headers
        assert verified_claims(stack, assertion_of(request), APP)["sub"] == ALICE.id
        assert request.value("x-email") == ALICE.email


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_forged_header_opens_nothing(stack: Stack, name: str) -> None:
    stack.raw(APP, get_raw(APP, "/", f"{name}: {ALICE.email}"))
    assert stack.app.requests == []


@pytest.mark.parametrize("listed", ["x-pomerium-jwt-assertion", "X-Email", "X-Pomerium-Jwt-Assertion, x-email"])
def test_the_connection_header_takes_nothing_away(stack: Stack, listed: str) -> None:
    answer = stack.raw(PUBLIC, get_raw(PUBLIC, "/", f"Connection: {listed}").replace(b"Connection: close\r\n", b""))
    assert answer.status == HTTPStatus.OK
    assert len(stack.app.requests) == 1
    for request in stack.app.requests:
        assert ASSERTION in request.folded_names()
        assert "x-email" in request.folded_names()


def test_cors_preflight_on_a_public_route_carries_nothing_forged(stack: Stack) -> None:
    head = get_raw(PUBLIC, "/", f"X-Pomerium-Jwt-Assertion: {FORGED}", "Origin: https://a.example")
    head = head.replace(b"GET", b"OPTIONS", 1).replace(b"Origin", b"Access-Control-Request-Method: PUT\r\nOrigin", 1)
    assert stack.raw(PUBLIC, head).status == HTTPStatus.OK
    assert len(stack.app.requests) == 1
    assert not any(FORGED in value for request in stack.app.requests for _, value in request.headers)


def test_the_client_chooses_neither_the_request_id_nor_the_forwarded_host(stack: Stack) -> None:
    headers = (
        "X-Request-Id: mine",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: http",
        "Forwarded: host=evil",
    )
    stack.raw(PUBLIC, get_raw(PUBLIC, "/", *headers))
    request = stack.app.last()
    assert request.value("x-request-id") not in {None, "mine"}
    assert not any("evil" in value for _, value in request.headers)
    assert request.value("x-forwarded-proto") == "https"


def test_forwarded_headers_do_not_move_the_login(stack: Stack) -> None:
    headers = (
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Port: 1",
        "X-Forwarded-Prefix: /evil",
        "Accept: text/html",
    )
    answer = stack.raw(APP, get_raw(APP, "/", *headers))
    (location,) = answer.values("location")
    assert answer.status == HTTPStatus.FOUND
    assert "evil" not in location
    assert location.startswith(stack.url("authenticate.localhost"))


def test_our_cookies_stay_and_the_others_pass_byte_for_byte(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        cookie = client.jar.header(stack.url(APP), 0) or ""
        stack.app.clear()
        stack.raw(APP, get_raw(APP, "/", f'Cookie: a=1; {cookie}; odd="x y" ; b=%20=; c'))
    assert stack.app.last().value("cookie") == 'a=1; odd="x y" ; b=%20=; c'


def test_a_program_s_own_authorization_passes_untouched(stack: Stack) -> None:
    stack.raw(PUBLIC, get_raw(PUBLIC, "/", "Authorization: Basic dXNlcjpwYXNz"))
    assert stack.app.last().value("authorization") == "Basic dXNlcjpwYXNz"


@pytest.mark.parametrize(
    "header",
    ["X-Pomerium-Authorization: guess", "Authorization: Pomerium guess", "Authorization: Bearer Pomerium-guess"],
)
def test_our_credentials_never_reach_an_upstream(stack: Stack, header: str) -> None:
    stack.raw(PUBLIC, get_raw(PUBLIC, "/", header))
    assert not any("guess" in value for request in stack.app.requests for _, value in request.headers)
    stack.app.clear()
    answer = stack.raw(APP, get_raw(APP, "/", header))
    assert answer.status == HTTPStatus.UNAUTHORIZED
    assert stack.app.requests == []
