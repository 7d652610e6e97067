"""Signing out ends the session everywhere, here and at the provider."""

from http import HTTPStatus

from tests.harness.identity_provider import ALICE, BOB
from tests.harness.stack import APP, AUTHENTICATE, OTHER, Stack
from tests.harness.web_client import WebClient, is_sign_in, login


def _cookies(client: WebClient, stack: Stack) -> dict[str, str]:
    return {host: client.jar.header(stack.url(host), 0) or "" for host in (APP, OTHER, AUTHENTICATE)}


def _sign_out(client: WebClient, stack: Stack, host: str = APP) -> None:
    page = client.post(stack.url(host, "/.pomerium/sign_out"), {})
    if str(page.url).startswith(stack.provider.issuer):  # the provider asks whether to end its session too
        client.submit(page, {"logout": "yes"})


def test_it_ends_every_host(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client, stack.program() as program:
        client.get(stack.url(OTHER))
        before = _cookies(client, stack)
        _sign_out(client, stack)
        stack.app.clear()
        stack.other.clear()
        for host, cookie in before.items():
            path = "/.pomerium/user" if host == AUTHENTICATE else "/"
            answer = program.get(stack.url(host, path), headers={"cookie": cookie})
            assert answer.status_code == HTTPStatus.UNAUTHORIZED, host
    assert stack.app.requests == []
    assert stack.other.requests == []


def test_the_browser_holds_no_cookie_of_that_host_afterwards(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        _sign_out(client, stack)
        assert client.jar.header(stack.url(APP), 0) is None


def test_the_provider_asks_for_the_password_again(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        _sign_out(client, stack)
        assert client.history[-1].status_code == HTTPStatus.OK
        assert str(client.history[-1].url).startswith(stack.url(AUTHENTICATE, "/.pomerium/signed_out"))
        assert is_sign_in(client.get(stack.url(APP)))


def test_signing_out_at_the_provider_signs_out_here(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client, stack.signed_in(ALICE, APP) as elsewhere:
        client.get(stack.url(OTHER))
        before = _cookies(client, stack)
        client.submit(client.get(f"{stack.provider.issuer}/session/end"), {"logout": "yes"})
        stack.app.clear()
        with stack.program() as program:
            for host, cookie in before.items():
                path = "/.pomerium/user" if host == AUTHENTICATE else "/"
                answer = program.get(stack.url(host, path), headers={"cookie": cookie})
                assert answer.status_code == HTTPStatus.UNAUTHORIZED, host
        assert stack.app.requests == []
        assert elsewhere.send("GET", stack.url(APP, "/still")).status_code == HTTPStatus.OK


def test_another_person_signs_in_after_that(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        _sign_out(client, stack)
        login(client, stack.url(APP), BOB.email, BOB.password)
        assert client.send("GET", stack.url(APP, "/.pomerium/user")).json()["sub"] == BOB.id


def test_a_link_on_another_site_only_asks(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        page = client.get(stack.url(APP, "/.pomerium/sign_out"), headers={"sec-fetch-site": "cross-site"})
        assert page.status_code == HTTPStatus.OK
        assert client.send("GET", stack.url(APP, "/still")).status_code == HTTPStatus.OK


def test_a_form_on_another_site_is_refused(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
        page = client.post(stack.url(APP, "/.pomerium/sign_out"), {}, headers=headers)
        assert page.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN}
        assert client.send("GET", stack.url(APP, "/still")).status_code == HTTPStatus.OK


def test_signing_out_without_a_session_is_no_error(stack: Stack) -> None:
    with stack.client() as client:
        page = client.post(stack.url(APP, "/.pomerium/sign_out"), {})
    assert page.status_code == HTTPStatus.OK
