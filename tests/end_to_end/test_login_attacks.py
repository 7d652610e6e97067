"""What a stranger, another site or another person's browser may try around the login."""

from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest

from tests.harness.identity_provider import ALICE, BOB
from tests.harness.stack import APP, AUTHENTICATE, OTHER, Stack
from tests.harness.web_client import WebClient, login

EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "https:evil.example",
    "https://app.localhost@evil.example/",
    "https://app.localhost.evil.example/",
    "https://evil-app.localhost/",
    "https://app.localhost\\@evil.example/",
    "https://app.localhost%2f@evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "\thttps://evil.example/",
    "https://app。localhost.evil.example/",
    "",
]


@pytest.mark.parametrize("target", EVIL)
def test_no_redirect_leads_elsewhere(stack: Stack, target: str) -> None:
    with stack.signed_in(ALICE, APP) as client:
        for host, path in (
            (AUTHENTICATE, "/.pomerium/sign_in"),
            (APP, "/.pomerium/callback/"),
            (APP, "/.pomerium/sign_out"),
            (AUTHENTICATE, "/.pomerium/sign_out"),
            (AUTHENTICATE, "/.pomerium/signed_out"),
        ):
            url = stack.url(host, f"{path}?{urlencode({'pomerium_redirect_uri': target})}")
            answer = client.get(url, follow=False, headers={"sec-fetch-site": "cross-site"})
            location = answer.headers.get("location", "")
            assert not location or urlsplit(location).hostname in {APP, AUTHENTICATE, "127.0.0.1"}, location
            assert "evil" not in location


def test_a_signed_link_that_was_changed_is_refused(stack: Stack) -> None:
    with stack.client() as client:
        link = client.get(stack.url(APP), follow=False).headers["location"]
        for changed in _changed(link):
            answer = client.get(changed, follow=False)
            assert answer.status_code == HTTPStatus.BAD_REQUEST, changed


def _changed(link: str) -> list[str]:
    parts = urlsplit(link)
    params = parse_qs(parts.query)
    links = [f"{link}&pomerium_redirect_uri=https%3A%2F%2Fother.localhost%2F", f"{link}&x=1"]
    for name, (value,) in params.items():
        # The last character of base64url may carry padding bits, so the first is changed.
        altered = ("A" if value[0] != "A" else "B") + value[1:]
        without = {key: one for key, one in params.items() if key != name}
        queries = (urlencode(query, doseq=True) for query in ({**params, name: [altered]}, without))
        links += [urlunsplit(parts._replace(query=query)) for query in queries]
    return links


def test_a_finished_login_of_a_stranger_cannot_be_planted(stack: Stack) -> None:
    """Login CSRF: the attacker stops his own login at the last step and has the victim's browser take it."""
    with stack.client() as attacker, stack.client() as victim:
        landing = _last_step(stack, attacker)
        planted = victim.get(landing, follow=False)
        assert planted.status_code == HTTPStatus.BAD_REQUEST
        assert victim.jar.header(stack.url(APP), 0) is None
        # It still works, once, where it began.
        assert attacker.get(landing, follow=False).status_code == HTTPStatus.FOUND
        assert attacker.send("GET", stack.url(APP, "/.pomerium/user")).json()["sub"] == BOB.id


def test_a_ticket_works_once(stack: Stack) -> None:
    with stack.client() as client:
        landing = _last_step(stack, client)
        cookies = client.jar.header(landing, 0) or ""
        assert client.get(landing, follow=False).status_code == HTTPStatus.FOUND
        with stack.program() as program:
            again = program.get(landing, headers={"cookie": cookies, "accept": "text/html"})
    assert again.status_code == HTTPStatus.BAD_REQUEST
    assert "set-cookie" not in again.headers or "__Host-_pomerium=" not in again.headers["set-cookie"]


def test_a_code_is_not_taken_from_another_browser(stack: Stack) -> None:
    with stack.client() as attacker, stack.client() as victim:
        callback = _stopped_at(stack, attacker, "/oauth2/callback")
        answer = victim.get(callback, follow=False)
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert victim.jar.header(stack.url(AUTHENTICATE), 0) is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "state=x",
        "error=access_denied",
        "error=access_denied&state=x",
        "code=x&code=y&state=z",
        "code=x&state=y&state=z",
        "code=x&state[]=y",
        "code=x&state=" + "s" * 20000,
    ],
)
def test_a_callback_that_nobody_began_gets_a_page(stack: Stack, query: str) -> None:
    with stack.client() as client:
        page = client.get(stack.url(AUTHENTICATE, f"/oauth2/callback?{query}"))
        assert page.status_code in {400, 401, 414, 431}
        assert client.get(stack.url(APP, "/ping")).status_code == HTTPStatus.OK


def test_a_parameter_given_twice_ends_the_login(stack: Stack) -> None:
    with stack.client() as client:
        callback = _stopped_at(stack, client, "/oauth2/callback")
        for name in ("code", "state", "iss"):
            value = parse_qs(urlsplit(callback).query)[name][0]
            answer = client.get(f"{callback}&{urlencode({name: value})}", follow=False)
            assert answer.status_code == HTTPStatus.BAD_REQUEST, name


def test_another_issuer_in_the_answer_ends_the_login(stack: Stack) -> None:
    with stack.client() as client:
        callback = _stopped_at(stack, client, "/oauth2/callback")
        parts = urlsplit(callback)
        params = {name: value for name, (value,) in parse_qs(parts.query).items()}
        for iss in ({"iss": "https://evil.example"}, None):
            changed = {name: value for name, value in params.items() if name != "iss"} | (iss or {})
            answer = client.get(urlunsplit(parts._replace(query=urlencode(changed))), follow=False)
            assert answer.status_code == HTTPStatus.BAD_REQUEST


def test_a_login_never_continues_somebody_elses_session(stack: Stack) -> None:
    with stack.client() as client:
        login(client, stack.url(APP), ALICE.email, ALICE.password)
        first = client.jar.header(stack.url(APP), 0)
        client.post(stack.url(APP, "/.pomerium/sign_out"), {})
        page = client.history[-1]
        if str(page.url).startswith(stack.provider.issuer):
            client.submit(page, {"logout": "yes"})
        login(client, stack.url(APP), BOB.email, BOB.password)
        assert client.jar.header(stack.url(APP), 0) != first
        assert client.send("GET", stack.url(APP, "/.pomerium/user")).json()["sub"] == BOB.id


def test_a_planted_session_cookie_is_replaced_by_the_login(stack: Stack) -> None:
    with stack.client() as client, stack.program() as program:
        planted = "A" * 43
        client.jar.store(stack.url(APP), [f"__Host-_pomerium={planted}; Path=/; Secure; HttpOnly"], 0)
        login(client, stack.url(APP), ALICE.email, ALICE.password)
        stack.app.clear()
        answer = program.get(stack.url(APP), headers={"cookie": f"__Host-_pomerium={planted}"})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert stack.app.requests == []


def test_values_made_for_one_purpose_are_good_for_no_other(stack: Stack) -> None:
    with stack.signed_in(ALICE, APP) as client:
        assertion = stack.app.last().value("x-pomerium-jwt-assertion") or ""
        begun = client.get(stack.url(OTHER), follow=False)
        binding = next(line.partition("=")[2].partition(";")[0] for line in begun.headers.get_list("set-cookie"))
    with stack.program() as program:
        for value in (assertion, binding):
            for headers in ({"cookie": f"__Host-_pomerium={value}"}, {"x-pomerium-authorization": value}):
                assert program.get(stack.url(OTHER), headers=headers).status_code == HTTPStatus.UNAUTHORIZED
    assert stack.other.requests == []


def _last_step(stack: Stack, client: WebClient) -> str:
    """Walk Bob's login up to the redirect that lands on the route's host, and return that URL."""
    return _stopped_at(stack, client, "/.pomerium/callback/")


def _stopped_at(stack: Stack, client: WebClient, path: str) -> str:
    page = client.get(stack.url(APP))
    answer = client.submit(page, {"username": BOB.email, "password": BOB.password}, follow=False)
    for _ in range(12):
        location = answer.headers["location"]
        if urlsplit(location).path == path:
            return str(location)
        answer = client.get(str(answer.url.join(location)), follow=False)
    raise AssertionError(f"the login never came to {path}")
