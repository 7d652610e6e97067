"""Many people on one connection, and clients that take up room: everybody gets their own answer, and soon."""

import json
import socket
import ssl
import time
from base64 import urlsafe_b64decode
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any

import pytest

from tests.end_to_end.assertions import ASSERTION
from tests.harness.identity_provider import ALICE, BOB, User
from tests.harness.ports import LOOPBACK
from tests.harness.raw_http import get_raw
from tests.harness.stack import APP, PUBLIC, Stack
from tests.security.http2_client import Answer, http2, request

ROUNDS = 40
RESETS = 1000
PATIENCE = 25.0
"""Seconds in which a client that says nothing has to be let go; the limit is ten."""


def _cookie(stack: Stack, user: User) -> str:
    with stack.signed_in(user, APP) as client:
        return client.jar.header(stack.url(APP), 0) or ""


def _subject(body: bytes) -> str:
    """Whom the assertion that reached the upstream names, from the upstream's echo."""
    headers: list[list[str]] = json.loads(body)["headers"]
    (token,) = [value for name, value in headers if name.lower() == ASSERTION]
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["sub"])


def test_people_on_one_connection_are_never_taken_for_each_other(stack: Stack) -> None:
    """What a shared proxy or a browser's coalescing does: streams of several people, all under way at once."""
    cookies = {ALICE.id: _cookie(stack, ALICE), BOB.id: _cookie(stack, BOB)}
    with http2(stack, APP) as client:
        asked: dict[int, str] = {}
        for turn in range(ROUNDS):
            for who, cookie in cookies.items():
                asked[client.send(request(APP, f"/{who}/{turn}", "GET", ("cookie", cookie)))] = who
            asked[client.send(request(APP, f"/stranger/{turn}"))] = ""
            if turn % 10 == 9:  # no more streams than Envoy allows at once
                client.settle()
        client.settle()
        for stream, who in asked.items():
            answer = client.answers[stream]
            assert answer.status == (HTTPStatus.OK if who else HTTPStatus.UNAUTHORIZED)
            assert not who or _subject(answer.body) == who
            assert not who or json.loads(answer.body)["target"].startswith(f"/{who}/")
    assert not any(seen.target.startswith("/stranger/") for seen in stack.app.requests)


def test_a_kept_connection_remembers_nobody(stack: Stack) -> None:
    alice = _cookie(stack, ALICE)
    first = f"GET /1 HTTP/1.1\r\nHost: {APP}\r\nCookie: {alice}\r\n\r\n".encode()
    answer = stack.raw(APP, get_raw(APP, "/2"))
    stack.app.clear()
    both = _pipelined(stack, first + get_raw(APP, "/2"))
    assert answer.status == HTTPStatus.UNAUTHORIZED
    assert (both.count(b"HTTP/1.1 200"), both.count(b"HTTP/1.1 401")) == (1, 1)
    assert [seen.target for seen in stack.app.requests] == ["/1"]


def test_requests_taken_back_at_once_cost_the_others_nothing(stack: Stack) -> None:
    """CVE-2023-44487: Envoy ends a connection that mostly resets; the next one is served."""
    with http2(stack) as client:
        for _ in range(RESETS):
            client.reset(client.send(request(APP)))
        try:
            client.flush()
            client.ask(request(PUBLIC))
        except (OSError, ssl.SSLError):
            client.closed = True
    with http2(stack) as client:
        assert client.ask(request(PUBLIC)).status == HTTPStatus.OK


def test_clients_that_say_nothing_are_let_go_and_keep_nobody_waiting(stack: Stack) -> None:
    """A TLS handshake that is not begun, and a head that is not finished (Slowloris), each for ten seconds."""
    with ExitStack() as open_ones:
        silent = [open_ones.enter_context(socket.create_connection((LOOPBACK, stack.port))) for _ in range(20)]
        slow = [open_ones.enter_context(_secure(stack)) for _ in range(20)]
        for begun in slow:
            begun.sendall(f"GET / HTTP/1.1\r\nHost: {PUBLIC}\r\nX-Slow: ".encode())
        assert stack.raw(PUBLIC, get_raw(PUBLIC, "/")).status == HTTPStatus.OK
        deadline = time.monotonic() + PATIENCE
        for connection in (*silent, *slow):
            assert _rest(connection, deadline) in {b"", b"HTTP/1.1 408"}
    assert [seen.target for seen in stack.app.requests] == ["/"]


OVERSIZED = {
    "a cookie": ["Cookie: __Host-_pomerium=" + "A" * 58_000],
    "cookies": ["Cookie: " + "; ".join(f"__Host-_pomerium={number:043d}" for number in range(900))],
    "sign-in attempts": ["Cookie: " + "; ".join(f"__Host-pomerium_binding_{number:043d}=x" for number in range(700))],
    "cookie lines": [f"Cookie: a{number}=1" for number in range(90)],
    "a credential": ["Authorization: Bearer Pomerium-" + "A" * 58_000],
    "accept": ["Accept: " + ",".join(["text/html;q=0.1"] * 3500)],
    "a folded header": ["X-A: " + "\r\n ".join("x" * 500)],
}


@pytest.mark.parametrize("headers", OVERSIZED.values(), ids=OVERSIZED.keys())
def test_what_is_large_but_allowed_is_refused_soon(stack: Stack, headers: list[str]) -> None:
    began = time.monotonic()
    answer = stack.raw(APP, get_raw(APP, "/", *headers))
    assert answer.status in {302, 400, 401, 431}
    assert time.monotonic() - began < 3
    assert stack.app.requests == []


@pytest.mark.parametrize("path", ["/.pomerium/", "/.pomerium/callback/", "/.pomerium/sign_out", "/oauth2/callback"])
def test_our_own_pages_read_no_more_than_they_need(stack: Stack, path: str) -> None:
    began = time.monotonic()
    answer = stack.raw("authenticate.localhost", get_raw("authenticate.localhost", f"{path}?a={'&a=' * 15_000}"))
    assert answer.status in {200, 400, 414, 431}
    assert time.monotonic() - began < 3


def test_a_cookie_in_a_thousand_crumbs_is_refused(stack: Stack) -> None:
    with http2(stack, APP) as client:
        crumbs = [("cookie", f"a{number}=1") for number in range(1000)]
        assert _refused(client.ask([*request(APP), *crumbs]))
    assert stack.app.requests == []


def _refused(answer: Answer) -> bool:
    return answer.status in {None, 400, 431}


def _secure(stack: Stack) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=stack.certificate.authority)
    return context.wrap_socket(socket.create_connection((LOOPBACK, stack.port), 10), server_hostname=PUBLIC)


def _rest(connection: socket.socket, deadline: float) -> bytes:
    """The beginning of what comes until the other side closes; TimeoutError where it does not."""
    connection.settimeout(max(0.1, deadline - time.monotonic()))
    received = b""
    try:
        while data := connection.recv(4096):
            received += data
    except ConnectionError:
        pass
    return received[:12]


def _pipelined(stack: Stack, data: bytes) -> bytes:
    """Everything that comes back for several requests sent at once, the last of which closes the connection."""
    context = ssl.create_default_context(cafile=stack.certificate.authority)
    with (
        socket.create_connection((LOOPBACK, stack.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=APP) as secure,
    ):
        secure.sendall(data)
        received = b""
        while chunk := secure.recv(65536):
            received += chunk
        return received
