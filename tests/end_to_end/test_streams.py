"""WebSockets, and responses without an end, of a session that ends: they end too, within `stream_recheck`."""

import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest

from tests.harness.loopback import local_tls
from tests.harness.obedient_upstream import obedient_upstream
from tests.harness.ports import LOOPBACK
from tests.harness.stack import Stack, running_stack

MEMBERS, EVERYBODY, GRPC = "members.localhost", "everybody.localhost", "grpc.localhost"
MEMBERS_WITHOUT_LIMIT = {"allow_any_authenticated_user": True, "timeout": "0s"}
RECHECK = 2
HANDSHAKE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="


@contextmanager
def grpc_upstream() -> Iterator[int]:
    """A gRPC service that streams five messages, with trailers; yields its port."""

    def stream(_request: bytes, call: grpc.ServicerContext) -> Iterator[bytes]:
        call.set_trailing_metadata((("x-trailer", "1"),))
        yield from (b"%d" % number for number in range(5))

    server = grpc.server(ThreadPoolExecutor(2))
    method = grpc.unary_stream_rpc_method_handler(stream)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Stream", {"Count": method})])
    port = server.add_insecure_port(f"{LOOPBACK}:0")
    server.start()
    yield port
    server.stop(0).wait()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with obedient_upstream("streams") as upstream, grpc_upstream() as grpc_port:
        to = {"to": f"http://{LOOPBACK}:{upstream.port}", "allow_websockets": True}
        routes = [
            {"from": f"https://{MEMBERS}:{{port}}", "allow_any_authenticated_user": True, **to},
            {"from": f"https://{EVERYBODY}:{{port}}", "allow_public_unauthenticated_access": True, **to},
        ]
        routes.append(
            {"from": f"https://{GRPC}:{{port}}", "to": f"h2c://{LOOPBACK}:{grpc_port}", **MEMBERS_WITHOUT_LIMIT},
        )
        folder = tmp_path_factory.mktemp("streams")
        with running_stack(folder, routes=routes, settings={"stream_recheck": f"{RECHECK}s"}) as running:
            yield running


@contextmanager
def websocket(stack: Stack, host: str, *headers: str) -> Iterator[tuple[int, ssl.SSLSocket]]:
    """The status of the answer to the handshake, and the connection."""
    plain = socket.create_connection((LOOPBACK, stack.port), 10)
    with local_tls(stack.certificate.authority).wrap_socket(plain, server_hostname=host) as connection:
        lines = ["GET /websocket HTTP/1.1", f"Host: {host}:{stack.port}", *HANDSHAKE, KEY, *headers, "", ""]
        connection.sendall("\r\n".join(lines).encode())
        head = connection.recv(4096)
        yield int(head.split(b" ", 2)[1]), connection


def seconds_until_closed(connection: ssl.SSLSocket, began: float) -> float:
    """How long the stream has lasted; it echoes until then."""
    while True:
        try:
            connection.sendall(b"ping")
            if not connection.recv(4096):
                return time.monotonic() - began
        except OSError:
            return time.monotonic() - began


def test_a_stream_goes_on_with_its_session_and_ends_with_it(stack: Stack) -> None:
    with stack.signed_in(host=MEMBERS) as client:
        cookie = f"Cookie: {client.jar.header(stack.url(MEMBERS), 0)}"
        began = time.monotonic()
        with websocket(stack, MEMBERS, cookie) as (status, connection):
            assert status == 101
            echo_for(connection, 2 * RECHECK)
            signed_out = time.monotonic()
            client.post(stack.url(MEMBERS, "/.pomerium/sign_out"), {}, follow=False)
            lasted = seconds_until_closed(connection, signed_out)
        assert lasted < RECHECK + 1
        assert time.monotonic() - began > 2 * RECHECK
        with websocket(stack, MEMBERS, cookie) as (status, _):
            assert status == 401


def test_a_stream_for_everybody_goes_on(stack: Stack) -> None:
    with websocket(stack, EVERYBODY) as (status, connection):
        assert status == 101
        echo_for(connection, RECHECK + 1)


def test_other_requests_on_a_watched_route_are_answered(stack: Stack) -> None:
    with stack.signed_in(host=MEMBERS) as client:
        for _ in range(3):
            assert client.get(stack.url(MEMBERS, "/")).status_code == 200


def test_trailers_pass(stack: Stack) -> None:
    with stack.signed_in(host=MEMBERS) as client:
        client.get(stack.url(GRPC, "/.pomerium/?sign_in"))
        cookie = client.jar.header(stack.url(GRPC), 0)
    trusted = grpc.ssl_channel_credentials(stack.certificate.authority.read_bytes())
    named = [("grpc.ssl_target_name_override", GRPC), ("grpc.default_authority", f"{GRPC}:{stack.port}")]
    with grpc.secure_channel(f"{LOOPBACK}:{stack.port}", trusted, options=named) as channel:
        call = channel.unary_stream("/test.Stream/Count")(b"", metadata=(("cookie", cookie),), timeout=10)
        assert list(call) == [b"0", b"1", b"2", b"3", b"4"]
        assert ("x-trailer", "1") in call.trailing_metadata()


def echo_for(connection: ssl.SSLSocket, seconds: float) -> None:
    """What is sent comes back all the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection.sendall(b"ping")
        assert connection.recv(4096) == b"ping"
