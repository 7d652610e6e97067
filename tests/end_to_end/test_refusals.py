"""Who is redirected, who is refused, and in what form: the same answer for the same kind of client everywhere."""

import json
from collections.abc import Mapping
from http import HTTPStatus

import pytest

from tests.harness.identity_provider import BOB
from tests.harness.raw_http import get_raw
from tests.harness.stack import APP, AUTHENTICATE, OTHER, PUBLIC, Stack
from tests.harness.web_client import login

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "user-agent": "Mozilla/5.0"}
NAVIGATIONS: dict[str, Mapping[str, str]] = {
    "prefers HTML": BROWSER,
    "says navigate": {"accept": "*/*", "sec-fetch-mode": "navigate"},
}
NOT_NAVIGATIONS: dict[str, tuple[str, Mapping[str, str]]] = {
    "a program": ("GET", {"accept": "*/*"}),
    "wants JSON": ("GET", {"accept": "application/json"}),
    "a script's fetch": ("GET", {**BROWSER, "sec-fetch-mode": "cors"}),
    "an XMLHttpRequest": ("GET", {**BROWSER, "x-requested-with": "XMLHttpRequest"}),
    "an image": ("GET", {**BROWSER, "sec-fetch-mode": "no-cors"}),
    "a form": ("POST", {**BROWSER, "sec-fetch-mode": "navigate"}),
    "brings a credential": ("GET", {**BROWSER, "authorization": "Bearer Pomerium-guess"}),
    "an empty user agent": ("GET", {"user-agent": ""}),
    "a health checker": ("GET", {"user-agent": "GoogleHC/1.0"}),
    "a Kubernetes probe": ("GET", {"user-agent": "kube-probe/1.30"}),
}


@pytest.mark.parametrize("headers", NAVIGATIONS.values(), ids=NAVIGATIONS.keys())
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_navigation_is_redirected(stack: Stack, method: str, headers: Mapping[str, str]) -> None:
    with stack.program() as program:
        answer = program.request(method, stack.url(APP), headers=headers)
    assert answer.status_code == HTTPStatus.FOUND
    assert answer.headers["location"].startswith(stack.url(AUTHENTICATE))
    assert stack.app.requests == []


@pytest.mark.parametrize(("method", "headers"), NOT_NAVIGATIONS.values(), ids=NOT_NAVIGATIONS.keys())
def test_everything_else_is_refused(stack: Stack, method: str, headers: Mapping[str, str]) -> None:
    with stack.program() as program:
        answer = program.request(method, stack.url(APP), headers=headers)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert "www-authenticate" in answer.headers
    assert "location" not in answer.headers
    assert stack.app.requests == []


def test_an_upgrade_is_refused(stack: Stack) -> None:
    with stack.program() as program:
        headers = {**BROWSER, "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13"}
        answer = program.get(stack.url(PUBLIC), headers=headers)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert stack.app.requests == []


def test_json_tells_where_to_sign_in_and_which_request_it_was(stack: Stack) -> None:
    with stack.program() as program:
        answer = program.get(stack.url(APP, "/api"), headers={"accept": "application/json"})
    told = answer.json()
    assert set(told) == {"error", "request_id", "login_url"}
    assert told["request_id"]
    assert told["login_url"].startswith("https://")
    assert answer.headers["x-pomerium-intercepted-response"] == "true"
    assert answer.headers["cache-control"] == "no-store"


def test_grpc_gets_trailers_only(stack: Stack) -> None:
    with stack.program() as program:
        headers = {"content-type": "application/grpc", "te": "trailers"}
        answer = program.post(stack.url(APP, "/pkg.Service/Method"), headers=headers, content=b"\0\0\0\0\0")
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["content-type"].startswith("application/grpc")
    assert answer.headers["grpc-status"] == "16"
    assert stack.app.requests == []


def test_kubectl_gets_a_status_object(stack: Stack) -> None:
    with stack.program() as program:
        agent = {"user-agent": "kubernetes/v1.31", "accept": "application/json"}
        told = program.get(stack.url(APP, "/api/v1/pods"), headers=agent).json()
    assert (told["kind"], told["apiVersion"], told["status"], told["code"]) == ("Status", "v1", "Failure", 401)


def test_the_403_of_each_kind(stack: Stack) -> None:
    with stack.client() as client:
        page = login(client, stack.url(OTHER), BOB.email, BOB.password)
        assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        told = client.send("GET", stack.url(OTHER), headers={"accept": "application/json"})
        assert told.status_code == HTTPStatus.FORBIDDEN
        assert set(told.json()) == {"error", "request_id"}
        assert told.json()["request_id"] not in page.text
        grpc = client.send("POST", stack.url(OTHER), headers={"content-type": "application/grpc", "te": "trailers"})
        assert grpc.headers["grpc-status"] == "7"
    assert stack.other.requests == []


def test_a_host_without_route_is_404_for_everyone(stack: Stack) -> None:
    answer = stack.raw(APP, get_raw("nobody.localhost", "/", "Accept: application/json"))
    assert answer.status == HTTPStatus.NOT_FOUND
    assert set(json.loads(answer.body)) == {"error", "request_id"}
    page = stack.raw(APP, get_raw("nobody.localhost", "/", "Accept: text/html"))
    assert page.status == HTTPStatus.NOT_FOUND
    assert b"<html" in page.body


def test_robots_are_kept_out_of_what_they_may_not_read(stack: Stack) -> None:
    with stack.program() as program:
        kept_out = program.get(stack.url(APP, "/robots.txt"))
        program.get(stack.url(PUBLIC, "/robots.txt"))
    assert (kept_out.status_code, kept_out.text) == (200, "User-agent: *\nDisallow: /")
    assert [request.target for request in stack.app.requests] == ["/robots.txt"]


@pytest.mark.parametrize(
    "cookie",
    [
        "__Host-_pomerium=",
        "__Host-_pomerium=AAAA",
        "__Host-_pomerium=" + "A" * 43,
        "__Host-_pomerium=" + "A" * 5000,
        "__Host-_pomerium=\x80\xff",
        "; ".join(f"__Host-_pomerium_state_{number}=x" for number in range(200)),
        "__Host-_pomerium_chunks=99999999",
    ],
)
def test_a_cookie_that_is_none_of_ours_opens_nothing(stack: Stack, cookie: str) -> None:
    answer = stack.raw(APP, get_raw(APP, "/", f"Cookie: {cookie}"))
    assert answer.status in {400, 401, 431}
    assert stack.app.requests == []


def test_two_session_cookies_are_ambiguous_and_open_nothing(stack: Stack) -> None:
    with stack.signed_in() as client:
        cookie = client.jar.header(stack.url(APP), 0) or ""
        stack.app.clear()
        for header in (f"{cookie}; __Host-_pomerium={'A' * 43}", f"__Host-_pomerium={'A' * 43}; {cookie}"):
            assert stack.raw(APP, get_raw(APP, "/", f"Cookie: {header}")).status == HTTPStatus.UNAUTHORIZED
        twice = stack.raw(APP, get_raw(APP, "/", f"Cookie: {cookie}", f"Cookie: __Host-_pomerium={'B' * 43}"))
        assert twice.status == HTTPStatus.UNAUTHORIZED
    assert stack.app.requests == []


def test_the_client_s_word_for_who_is_healthy(stack: Stack) -> None:
    with stack.program() as program:
        for path in ("/ping", "/healthz"):
            assert (program.get(stack.url(APP, path)).status_code, program.get(stack.url(APP, path)).text) == (
                200,
                "OK\n",
            )
            assert program.post(stack.url(APP, path)).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert stack.app.requests == []


def test_every_decision_is_a_log_line_without_a_secret(stack: Stack) -> None:
    with stack.signed_in() as client:
        client.get(stack.url(APP, "/logged?password=hunter2"))
        cookie = (client.jar.header(stack.url(APP), 0) or "").partition("=")[2]
    line = next(event for event in reversed(stack.ostiary.events()) if event.get("event") == "decision")
    assert {"request_id", "route_id", "user", "session", "decision", "reasons", "duration_ms"} <= set(line)
    assert (line["decision"], line["user"], line["path"]) == ("allow", "alice", "/logged")
    said = stack.ostiary.process.output()
    assert cookie not in said
    assert "hunter2" not in said
    assert stack.provider.client.client_secret not in said
