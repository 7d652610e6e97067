"""A person signs in, through a real Envoy and with a real identity provider, and the application learns who asks."""

from http import HTTPStatus

from tests.end_to_end.assertions import assertion_of, verified_claims
from tests.harness.identity_provider import ALICE, BOB, MALLORY
from tests.harness.stack import APP, AUTHENTICATE, OTHER, PUBLIC, VERIFY, Stack
from tests.harness.web_client import is_sign_in, login

COOKIE = "__Host-_pomerium"


def test_a_stranger_is_sent_to_sign_in_and_the_upstream_hears_nothing(stack: Stack) -> None:
    with stack.client() as client:
        answer = client.get(stack.url(APP, "/report?year=2026"), follow=False)
    assert answer.status_code == HTTPStatus.FOUND
    assert answer.headers["location"].startswith(stack.url(AUTHENTICATE, "/.pomerium/sign_in?"))
    assert answer.headers["x-pomerium-intercepted-response"] == "true"
    assert answer.headers["cache-control"] == "no-store"
    assert stack.app.requests == []


def test_after_the_login_the_upstream_gets_a_valid_assertion_at_the_original_url(stack: Stack) -> None:
    with stack.client() as client:
        page = login(client, stack.url(APP, "/report?year=2026&q=a%20b"), ALICE.email, ALICE.password)
    assert page.status_code == HTTPStatus.OK
    request = stack.app.last()
    assert request.target == "/report?year=2026&q=a%20b"
    claims = verified_claims(stack, assertion_of(request), APP)
    assert (claims["sub"], claims["user"], claims["email"], claims["name"]) == (
        ALICE.id,
        ALICE.id,
        ALICE.email,
        ALICE.name,
    )
    assert claims["groups"] == list(ALICE.groups)
    assert set(claims) == {"iss", "aud", "jti", "iat", "exp", "sub", "user", "email", "groups", "sid", "name"}
    assert request.value("x-email") == ALICE.email
    assert request.value("x-groups") == ",".join(ALICE.groups)


def test_one_login_opens_the_other_hosts(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        before = len(client.history)
        page = client.get(stack.url(OTHER))
        visited = {response.url.netloc.decode() for response in client.history[before:]}
    assert page.status_code == HTTPStatus.OK
    assert not any(stack.provider.issuer.endswith(place) for place in visited), "the provider was asked again"
    assert verified_claims(stack, assertion_of(stack.other.last()), OTHER)["sub"] == ALICE.id


def test_each_request_gets_a_fresh_assertion_and_the_same_session(stack: Stack) -> None:
    with stack.signed_in() as client:
        for _ in range(2):
            client.get(stack.url(APP, "/again"))
    first, second = (verified_claims(stack, assertion_of(request), APP) for request in stack.app.requests[-2:])
    assert first["sid"] == second["sid"]
    assert first["jti"] != second["jti"]


def test_a_cookie_is_good_for_its_host_alone(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client, stack.program() as program:
        cookie = _cookie(client.jar.header(stack.url(APP), 0) or "")
        answer = program.get(stack.url(OTHER), headers={"cookie": cookie, "accept": "text/html"})
        authenticate = program.get(stack.url(AUTHENTICATE, "/.pomerium/user"), headers={"cookie": cookie})
        same = program.get(stack.url(APP), headers={"cookie": cookie})
    assert answer.status_code == HTTPStatus.FOUND
    assert authenticate.status_code == HTTPStatus.UNAUTHORIZED
    assert stack.other.requests == []
    assert same.status_code == HTTPStatus.OK


def test_the_cookie_is_opaque_and_has_every_attribute(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        lines = [line for one in client.history for line in one.headers.get_list("set-cookie") if COOKIE in line]
        assert client.jar.rejected == []
    assert lines
    for line in lines:
        value, *attributes = line.split("; ")
        assert len(value.partition("=")[2]) == 43
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(attributes)
        assert not any(attribute.startswith("Domain") for attribute in attributes)


def test_a_login_leaves_no_other_cookie_behind(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        for host in (APP, AUTHENTICATE):
            names = [pair.partition("=")[0] for pair in (client.jar.header(stack.url(host), 0) or "").split("; ")]
            assert names == [COOKIE]


def test_ten_tabs_sign_in_at_once(stack: Stack) -> None:
    with stack.client() as client:
        tabs = [client.get(stack.url(APP, f"/tab/{number}")) for number in range(10)]
        assert all(is_sign_in(tab) for tab in tabs)
        for tab in tabs:
            client.submit(tab, {"username": ALICE.email, "password": ALICE.password})
    reached = {request.target for request in stack.app.requests}
    assert reached == {f"/tab/{number}" for number in range(10)}


def test_who_is_signed_in_but_not_allowed_gets_a_page_and_the_upstream_hears_nothing(stack: Stack) -> None:
    with stack.client() as client:
        page = login(client, stack.url(OTHER), BOB.email, BOB.password)
    assert page.status_code == HTTPStatus.FORBIDDEN
    assert page.headers["content-type"].startswith("text/html")
    assert stack.other.requests == []


def test_an_unverified_address_opens_no_domain_rule(stack: Stack) -> None:
    with stack.client() as client:
        page = login(client, stack.url(APP), MALLORY.email, MALLORY.password)
    assert page.status_code == HTTPStatus.FORBIDDEN
    assert stack.app.requests == []


def test_a_public_route_is_open_and_says_that_nobody_asks(stack: Stack) -> None:
    with stack.program() as program:
        answer = program.get(stack.url(PUBLIC, "/open"))
    assert answer.status_code == HTTPStatus.OK
    claims = verified_claims(stack, assertion_of(stack.app.last()), PUBLIC)
    assert (claims["sub"], claims["user"], claims["email"], claims["groups"]) == ("", "", "", [])
    assert stack.app.last().value("x-email") == ""


def test_a_public_route_knows_who_is_signed_in_there(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        client.get(stack.url(PUBLIC, "/.pomerium/?sign_in"))
        client.get(stack.url(PUBLIC, "/open"))
    request = stack.app.last()
    assert request.target == "/open"
    assert verified_claims(stack, assertion_of(request), PUBLIC)["sub"] == ALICE.id
    assert request.value("x-email") == ALICE.email


def test_no_token_of_the_provider_leaves_the_house(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        client.get(stack.url(APP, "/.pomerium/"))
        client.get(stack.url(APP, "/.pomerium/user"))
        own = [one for one in client.history if not str(one.url).startswith(stack.provider.issuer)]
    for response in own:
        assert "access_token" not in response.text
        assert "id_token" not in response.text
        assert "refresh_token" not in response.text
    for request in stack.app.requests:
        assert request.value("authorization") is None
        tokens = [value for _, value in request.headers if value.count(".") == 2 and value.startswith("ey")]
        assert tokens == [assertion_of(request)]


def test_the_demo_application_says_valid(stack: Stack) -> None:
    with stack.signed_in(ALICE, VERIFY) as client:
        told = client.send("GET", stack.url(VERIFY, "/json")).json()
    assert told["valid"], told["checks"]
    assert told["claims"]["email"] == ALICE.email


def _cookie(header: str) -> str:
    (pair,) = [pair for pair in header.split("; ") if pair.startswith(f"{COOKIE}=")]
    return pair
