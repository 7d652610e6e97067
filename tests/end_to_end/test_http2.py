"""The same promises over HTTP/2, frame by frame, where a client can say what HTTP/1.1 has no place for."""

import socket
import ssl
from collections.abc import Sequence
from contextlib import closing

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamEnded, StreamReset

from tests.harness.identity_provider import ALICE
from tests.harness.ports import LOOPBACK
from tests.harness.stack import APP, OTHER, PUBLIC, Stack

Headers = Sequence[tuple[str, str]]


def exchange(stack: Stack, headers: Headers, *, server_name: str = PUBLIC) -> int | None:
    """Send one request with exactly these headers and return its status; None if the stream or connection was reset."""
    context = ssl.create_default_context(cafile=stack.certificate.authority)
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection((LOOPBACK, stack.port), 10)
    with closing(plain), context.wrap_socket(plain, server_hostname=server_name) as secure:
        # Nothing is checked or normalised on our side: that is the point.
        config = H2Configuration(
            client_side=True,
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
            validate_inbound_headers=False,
        )
        connection = H2Connection(config)
        connection.initiate_connection()
        connection.send_headers(1, list(headers), end_stream=True)
        secure.sendall(connection.data_to_send())
        return _status(connection, secure)


def _status(connection: H2Connection, secure: ssl.SSLSocket) -> int | None:
    status: int | None = None
    while data := secure.recv(65536):
        for event in connection.receive_data(data):
            match event:
                case ResponseReceived():
                    (text,) = [value for name, value in event.headers or () if name == b":status"]
                    status = int(text)
                case DataReceived():
                    connection.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
                case StreamEnded():
                    return status
                case StreamReset() | ConnectionTerminated():
                    return None
        secure.sendall(connection.data_to_send())
    return status


def request(host: str, path: str = "/", scheme: str = "https", method: str = "GET") -> list[tuple[str, str]]:
    return [(":method", method), (":scheme", scheme), (":authority", host), (":path", path)]


def test_a_request_as_it_should_be_passes(stack: Stack) -> None:
    assert exchange(stack, request(PUBLIC)) == 200


@pytest.mark.parametrize("scheme", ["https", "http", "htTpS", "HTTP", "ftp"])
def test_no_scheme_opens_a_protected_route(stack: Stack, scheme: str) -> None:
    assert exchange(stack, request(APP, scheme=scheme)) in {400, 401, None}
    assert stack.app.requests == []


def test_one_connection_for_two_hosts_has_two_policies(stack: Stack) -> None:
    """Browsers use one connection for every name that its certificate covers (RFC 9113 section 9.1.1)."""
    assert exchange(stack, request(OTHER), server_name=PUBLIC) in {401, 421}
    assert stack.other.requests == []


@pytest.mark.parametrize("path", ["admin", "", "*", "//", "/a\tb", "/caf\xe9", "/a b", "http://other.localhost/"])
def test_a_path_that_is_none_is_refused(stack: Stack, path: str) -> None:
    assert exchange(stack, request(APP, path)) in {400, 401, 404, None}
    assert stack.app.requests == []
    assert stack.other.requests == []


def test_a_host_header_beside_the_authority_decides_nothing(stack: Stack) -> None:
    status = exchange(stack, [*request(OTHER), ("host", PUBLIC)])
    assert status in {400, 401, None}
    assert stack.other.requests == []


@pytest.mark.parametrize(
    "header",
    [
        ("X-Pomerium-Jwt-Assertion", "FORGED"),
        ("x-pomerium-jwt-assertion", "FORGED"),
        ("x_pomerium_jwt_assertion", "FORGED"),
        ("x-email", "FORGED"),
        ("x-email ", "FORGED"),
        ("connection", "x-pomerium-jwt-assertion"),
        ("x-pomerium-jwt-assertion", "a\r\nx-email: FORGED"),
    ],
)
def test_what_is_forged_does_not_arrive(stack: Stack, header: tuple[str, str]) -> None:
    exchange(stack, [*request(PUBLIC), header])
    for seen in stack.app.requests:
        assert not any("FORGED" in value for _, value in seen.headers)
        assert seen.value("x-pomerium-jwt-assertion")


def test_a_cookie_in_crumbs_is_one_cookie(stack: Stack) -> None:
    """HTTP/2 clients may split the Cookie header (RFC 9113 section 8.2.3)."""
    with stack.signed_in(ALICE, APP) as client:
        cookie = client.jar.header(stack.url(APP), 0) or ""
        stack.app.clear()
        crumbs = [("cookie", "a=1"), ("cookie", cookie), ("cookie", "b=2")]
        assert exchange(stack, [*request(APP), *crumbs], server_name=APP) == 200
    assert stack.app.last().value("cookie") == "a=1; b=2"


def test_a_header_that_is_no_utf8_is_decided_like_any_other(stack: Stack) -> None:
    assert exchange(stack, [*request(APP), ("x-note", "caf\xe9")]) in {400, 401}
    assert stack.app.requests == []
    assert exchange(stack, [*request(PUBLIC), ("x-note", "caf\xe9")]) == 200
