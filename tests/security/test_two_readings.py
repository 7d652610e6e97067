"""Requests that two servers read differently: whoever they were meant for, nobody's upstream gets one it must not."""

import socket
import ssl
from http import HTTPStatus

import pytest

from tests.harness.identity_provider import ALICE
from tests.harness.ports import LOOPBACK
from tests.harness.raw_http import get_raw
from tests.harness.stack import APP, OTHER, PUBLIC, Stack
from tests.security.http2_client import http2, request

HIDDEN = f"GET /hidden HTTP/1.1\r\nHost: {OTHER}\r\nX-Pomerium-Jwt-Assertion: FORGED\r\n\r\n"
"""A request within the body of another."""
FRAMINGS = [
    "Content-Length: 4\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 4",
    "Content-Length: 0\r\nTransfer-Encoding: chunked",
    "Content-Length: 4\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: chunked;x=1",
    "Transfer-Encoding: \x0bchunked",
    "Transfer-Encoding:\tchunked",
    "Transfer-Encoding: Chunked",
    "X-A: b\nTransfer-Encoding: chunked",
    "X-A: b\rTransfer-Encoding: chunked",
    "Transfer_Encoding: chunked",
    "Content-Length: +4",
    "Content-Length: 4, 4",
    "Content-Length: 4, 5",
    "Content-Length: -1",
    "Content-Length: 0x4",
    "Content-Length: 4\r\nContent-Length: 5",
    "Content-Length: 99999999999999999999",
    "Content-Length:",
    "Connection: Content-Length\r\nContent-Length: 4",
    "Expect: 100-continue\r\nContent-Length: 4",
]
BODIES = ["1\r\nA\r\n0\r\n\r\n", "abcd"]
ODD_CHUNKS = ["1\nA\n0\n\n", "1;a=\nb\r\nA\r\n0\r\n\r\n", "0\r\n\r\n", "-1\r\n", "1 \r\nA\r\n0\r\n\r\n"]


@pytest.mark.parametrize("framing", FRAMINGS)
def test_no_framing_smuggles_a_request(stack: Stack, framing: str) -> None:
    for body in BODIES:
        _smuggle(stack, framing, body)
    _nothing_hidden_arrived(stack)


@pytest.mark.parametrize("chunks", ODD_CHUNKS)
def test_no_chunk_smuggles_one(stack: Stack, chunks: str) -> None:
    _smuggle(stack, "Transfer-Encoding: chunked", chunks)
    _nothing_hidden_arrived(stack)


def _smuggle(stack: Stack, framing: str, body: str) -> None:
    _exchange(stack, f"POST / HTTP/1.1\r\nHost: {PUBLIC}\r\n{framing}\r\n\r\n{body}{HIDDEN}")


def _nothing_hidden_arrived(stack: Stack) -> None:
    assert stack.other.requests == []
    assert not any("/hidden" in seen.target for seen in stack.app.requests)
    assert not any(b"FORGED" in seen.head for seen in stack.app.requests)


UPGRADES = {
    "h2c": "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    "h2c alone": "Connection: Upgrade\r\nUpgrade: h2c",
    "h2c among others": "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: foo, h2c\r\nHTTP2-Settings: AAMAAABkAAQ",
    "TLS": "Connection: Upgrade\r\nUpgrade: TLS/1.2",
    "WebSocket": "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==",
    "CONNECT-UDP": "Connection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1",
}


@pytest.mark.parametrize("headers", UPGRADES.values(), ids=UPGRADES.keys())
def test_no_upgrade_opens_a_tunnel(stack: Stack, headers: str) -> None:
    """Whatever is upgraded is out of our sight: the next request in the tunnel would be nobody's to decide."""
    said = _exchange(
        stack, f"GET / HTTP/1.1\r\nHost: {PUBLIC}\r\n{headers}\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{HIDDEN}"
    )
    assert b" 101 " not in said
    for seen in stack.app.requests:
        assert {"upgrade", "http2-settings"} & seen.folded_names() == set()
    assert stack.other.requests == []


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PRI", "trace"])
@pytest.mark.parametrize("host", [PUBLIC, APP])
def test_methods_for_servers_between_are_refused(stack: Stack, method: str, host: str) -> None:
    """`TRACE` would show the client the assertion (RFC 9110 section 9.3.8), `CONNECT` would tunnel."""
    answer = stack.raw(host, get_raw(host, "/").replace(b"GET", method.encode(), 1))
    assert answer.status in {400, 404, 405, None}
    with http2(stack, host) as client:
        assert client.ask(request(host, "/", method)).status in {400, 404, 405, None}
    assert stack.app.requests == []


def test_a_tunnel_by_authority_is_refused(stack: Stack) -> None:
    place = f"{LOOPBACK}:{stack.app.port}"
    _exchange(stack, f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n{HIDDEN}")
    with http2(stack) as client:
        assert client.ask([(":method", "CONNECT"), (":authority", place)]).status != HTTPStatus.OK
    with http2(stack) as client:
        websocket = request(PUBLIC, "/", "CONNECT", (":protocol", "websocket"))
        assert client.ask(sorted(websocket, key=lambda pair: not pair[0].startswith(":"))).status != HTTPStatus.OK
    assert stack.app.requests == []


@pytest.mark.parametrize(
    ("target", "host"),
    [
        (f"http://{OTHER}/", PUBLIC),
        (f"https://{OTHER}/", PUBLIC),
        (f"https://{PUBLIC}@{OTHER}/", PUBLIC),
        (f"https://{OTHER}:443/", PUBLIC),
        (f"HTTPS://{OTHER.upper()}/", PUBLIC),
        (f"ftp://{OTHER}/", PUBLIC),
        (f"//{OTHER}/", OTHER),
    ],
)
def test_the_absolute_form_is_judged_by_the_host_it_names(stack: Stack, target: str, host: str) -> None:
    """It overrules `Host` (RFC 9112 section 3.2.2), and both upstream and policy have to hold to that."""
    assert stack.raw(PUBLIC, get_raw(host, target)).status in {302, 400, 401, 404}
    assert stack.other.requests == []


HOSTS = [
    "%6fther.localhost",
    "other%2elocalhost",
    "other.localhost%00",
    "other.localhost:",
    "other.localhost:0x1bb",
    "other.localhost:99999",
    "other.localhost..",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::1",
    "[other.localhost]",
    "127.0.0.1",
    "2130706433",
    "\uff4fther.localhost",
    "other\u3002localhost",
    "xn--ther-3ja.localhost",
    "public.localhost\tother.localhost",
    "public.localhost/other.localhost",
    "public.localhost\\other.localhost",
    "public.localhost?other.localhost",
    "public.localhost#other.localhost",
    "localhost",
    ".localhost",
    "*.localhost",
    "-",
]


@pytest.mark.parametrize("host", HOSTS)
def test_no_spelling_of_a_host_reaches_anybody(stack: Stack, host: str) -> None:
    data = b"GET / HTTP/1.1\r\nHost: " + host.encode() + b"\r\nConnection: close\r\n\r\n"
    assert stack.raw(PUBLIC, data).status in {400, 401, 404, None}
    assert stack.app.requests == []
    assert stack.other.requests == []


@pytest.mark.parametrize("host", HOSTS[::4])
def test_nor_does_it_over_http_2(stack: Stack, host: str) -> None:
    with http2(stack) as client:
        assert client.ask(request(host)).status in {400, 401, 404, None}
    assert stack.app.requests == []


@pytest.mark.parametrize("end", ["\r", "\n", "\r\r"])
def test_what_may_be_a_line_end_is_one_for_the_upstream_too(stack: Stack, end: str) -> None:
    """Envoy takes a bare LF for a line end and drops a bare CR (RFC 9112 section 2.2): what it sends on has neither."""
    _exchange(stack, f"GET / HTTP/1.1\r\nHost: {PUBLIC}\r\nX-A: a{end}X-Email: FORGED\r\nConnection: close\r\n\r\n")
    for seen in stack.app.requests:
        lines = seen.head.split(b"\r\n")
        assert not any(b"\r" in line or b"\n" in line for line in lines)
        assert seen.value("x-email") == ""


def test_trailers_speak_for_nobody(stack: Stack) -> None:
    """They come after the decision, and some servers merge them into the headers (RFC 9110 section 6.5.1)."""
    with stack.signed_in(ALICE, APP) as browser, http2(stack, APP) as client:
        cookie = browser.jar.header(stack.url(APP), 0) or ""
        stack.app.clear()
        forged = [("x-email", "FORGED"), ("x-pomerium-jwt-assertion", "FORGED")]
        sent = request(APP, "/", "POST", ("cookie", cookie))
        assert client.ask(sent, trailers=forged).status == HTTPStatus.OK
    assert stack.app.last().body == b"x"
    assert b"FORGED" not in stack.app.last().head
    assert stack.app.last().value("x-email") == ALICE.email


FORWARDED = [
    "Scheme",
    "Ssl",
    "Uri",
    "Method",
    "Path",
    "Protocol",
    "By",
    "Client-Cert",
    "Server",
    "Roles",
    "Proto-Version",
]
CLAIMS = [
    *(f"X-Forwarded-{name}" for name in FORWARDED),
    *(
        "Proxy",
        "Client-Cert",
        "Client-Cert-Chain",
        "X-Original-Forwarded-For",
        "X-Client-IP",
        "X-Host",
        "Front-End-Https",
    ),
]


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_about_the_way_here_do_not_arrive(stack: Stack, name: str) -> None:
    stack.raw(PUBLIC, get_raw(PUBLIC, "/", f"{name}: FORGED"))
    assert b"FORGED" not in stack.app.last().head


def _exchange(stack: Stack, data: str) -> bytes:
    """Send bytes, say that nothing follows, and take all that comes back."""
    context = ssl.create_default_context(cafile=stack.certificate.authority)
    with (
        socket.create_connection((LOOPBACK, stack.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=PUBLIC, suppress_ragged_eofs=True) as secure,
    ):
        secure.settimeout(0.1)
        secure.sendall(data.encode("latin-1"))
        said = b""
        try:
            while chunk := secure.recv(65536):
                said += chunk
        except (TimeoutError, OSError):
            pass
        return said
