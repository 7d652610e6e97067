"""No parameter, and no path, leads a browser away from us: before a login, after it, and at sign-out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import pytest

from extauthz.programs.redirect_target import redirect_target
from extauthz.served_hosts import return_target
from tests.extauthz.sign_in.world import APP as UNIT_APP
from tests.extauthz.sign_in.world import a_model
from tests.harness.identity_provider import ALICE
from tests.harness.stack import APP, AUTHENTICATE, Stack
from tests.security.open_redirects import EVIL, open_redirects

PARAMETERS = (
    "pomerium_redirect_uri",
    "redirect_uri",
    "post_logout_redirect_uri",
    "target_link_uri",
    "rd",
    "next",
    "url",
)
"""Ours, and what others of this kind listen to: none of them may mean anything here."""
ENDPOINTS = (
    (AUTHENTICATE, "/.pomerium/sign_in"),
    (APP, "/.pomerium/callback/"),
    (APP, "/.pomerium/api/v1/login"),
    (APP, "/.pomerium/sign_out"),
    (APP, "/.pomerium/"),
    (AUTHENTICATE, "/.pomerium/sign_out"),
    (AUTHENTICATE, "/.pomerium/signed_out"),
    (AUTHENTICATE, "/oauth2/callback"),
)
"""Those that redirect come first: a stranger tries every form on the first three, and every fifth on the others."""
UNIT = open_redirects(UNIT_APP)


def test_the_list_is_long() -> None:
    assert len(UNIT) >= 200
    assert all(EVIL in form or "evil" in form.lower() or "example" in form for form in UNIT)


@pytest.mark.parametrize("form", UNIT)
def test_it_is_no_return_target_or_one_on_our_host(form: str) -> None:
    target = return_target(a_model(), form)
    assert target is None or target.startswith(f"https://{UNIT_APP}/")


@pytest.mark.parametrize("served", ["localhost", "127.0.0.1", "[::1]", "localhost:8000"])
def test_no_program_elsewhere_gets_a_credential(served: str) -> None:
    model = replace(a_model(), programmatic_redirect_domains=("localhost", "127.0.0.1", "::1"))
    for form in open_redirects(served):
        target = redirect_target(model, form)
        host = urlsplit(target or "https://localhost").hostname or ""
        # Names under `localhost` are this machine's, whatever they say (RFC 6761 section 6.3).
        assert host == served.strip("[]").partition(":8000")[0] or host == "localhost" or host.endswith(".localhost"), (
            form
        )


@pytest.fixture(scope="module")
def forms(_whole: Stack) -> tuple[str, ...]:
    return open_redirects(f"{APP}:{_whole.port}")


def test_no_parameter_moves_a_stranger(stack: Stack, forms: tuple[str, ...]) -> None:
    with stack.program() as program:
        for form, answer in _answers(stack, program, forms, {"accept": "text/html"}, ENDPOINTS[:3]):
            _stays(stack, form, answer)
        for form, answer in _answers(stack, program, forms[::5], {"accept": "text/html"}, ENDPOINTS[3:]):
            _stays(stack, form, answer)


def test_no_parameter_moves_who_is_signed_in(stack: Stack, forms: tuple[str, ...]) -> None:
    with stack.signed_in(ALICE, APP) as client, stack.program() as program:
        for host in (APP, AUTHENTICATE):
            cookie = client.jar.header(stack.url(host), 0) or ""
            assert cookie
            headers = {"accept": "text/html", "cookie": cookie}
            here = [place for place in ENDPOINTS if place[0] == host]
            for form, answer in _answers(stack, program, forms[::5], headers, here):
                _stays(stack, form, answer)
        assert client.send("GET", stack.url(APP, "/still")).status_code == HTTPStatus.OK


def test_no_form_field_moves_a_sign_out(stack: Stack, forms: tuple[str, ...]) -> None:
    origin = {"origin": stack.url(APP, ""), "sec-fetch-site": "same-origin", "accept": "text/html"}
    with stack.program() as program:
        for form in forms[::2]:
            fields = dict.fromkeys(PARAMETERS, form)
            answer = program.post(stack.url(APP, "/.pomerium/sign_out"), data=fields, headers=origin)
            assert answer.headers["location"] == stack.url(AUTHENTICATE, "/.pomerium/signed_out")


def test_the_path_that_was_asked_for_is_returned_to_on_its_own_host(stack: Stack, forms: tuple[str, ...]) -> None:
    """The way back of a real login: what is behind the host is the attacker's to write."""
    with stack.program() as program:
        for form in forms:
            path = quote(form if form.startswith("/") else f"/{form}", safe="/?#:@;,%\\")
            answer = program.get(
                stack.url(APP, path.replace("#", "%23").replace("\\", "%5c")), headers={"accept": "text/html"}
            )
            _stays(stack, form, answer)
            if answer.status_code == HTTPStatus.FOUND and "/.pomerium/sign_in" in answer.headers["location"]:
                (way_back,) = parse_qs(urlsplit(answer.headers["location"]).query)["pomerium_redirect_uri"]
                assert way_back.startswith(stack.url(APP, "/")), form
                assert "\\" not in way_back
    assert stack.app.requests == []


def _answers(
    stack: Stack,
    program: httpx.Client,
    forms: Sequence[str],
    headers: dict[str, str],
    places: Sequence[tuple[str, str]],
) -> Iterator[tuple[str, httpx.Response]]:
    for host, path in places:
        for form in forms:
            query = urlencode(dict.fromkeys(PARAMETERS, form))
            yield form, program.get(stack.url(host, f"{path}?{query}"), headers=headers)


def _stays(stack: Stack, form: str, answer: httpx.Response) -> None:
    """Byte for byte, because what a browser makes of anything else is the question."""
    ours = "|".join(re.escape(stack.url(host, "/")) for host in (APP, AUTHENTICATE))
    provider = re.escape(f"{stack.provider.issuer}/")
    for location in answer.headers.get_list("location"):
        assert re.fullmatch(rf"(?:{ours}|{provider}|/\.pomerium/)[!-~]*", location), (form, location)
        assert "refresh" not in answer.headers
    assert "http-equiv" not in answer.text
    assert f'<a href="https://{EVIL}' not in answer.text
