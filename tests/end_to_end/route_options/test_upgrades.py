"""Connections that change their protocol: only where the route says so, and only after the route's policy."""

import socket
import ssl
from contextlib import closing

import pytest

from tests.end_to_end.route_options.conftest import World
from tests.harness.ports import LOOPBACK

pytestmark = pytest.mark.end_to_end

HANDSHAKE = ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")


def connect(world: World, host: str, target: str, protocol: str, *headers: str) -> tuple[int, bytes]:
    """Ask for another protocol; the status, and what comes back for `ping` where the upstream agreed."""
    context = ssl.create_default_context(cafile=world.stack.certificate.authority)
    context.set_alpn_protocols(["http/1.1"])
    name = f"{host}.localhost"
    lines = [f"GET {target} HTTP/1.1", f"Host: {name}", "Connection: Upgrade", f"Upgrade: {protocol}", *headers, "", ""]
    plain = socket.create_connection((LOOPBACK, world.stack.port), 10)
    with closing(context.wrap_socket(plain, server_hostname=name)) as connection:
        connection.sendall("\r\n".join(lines).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(4096)
            assert received, head
            head += received
        status = int(head.split(b" ", 2)[1])
        if status != 101:
            return status, b""
        connection.sendall(b"ping")
        return status, connection.recv(4096)


@pytest.mark.parametrize(
    ("target", "protocol"),
    [("/websocket", "websocket"), ("/tls", "websocket"), ("/spdy", "SPDY/3.1"), ("/other", "chat/2")],
)
def test_an_allowed_protocol_is_spoken(world: World, target: str, protocol: str) -> None:
    assert connect(world, "upgrades", target, protocol, *HANDSHAKE) == (101, b"ping")


@pytest.mark.parametrize(
    ("target", "protocol"), [("/", "websocket"), ("/spdy", "websocket"), ("/websocket", "spdy/3.1"), ("/", "h2c")]
)
def test_another_protocol_is_refused(world: World, target: str, protocol: str) -> None:
    status, _ = connect(world, "upgrades", target, protocol, *HANDSHAKE)
    assert status != 101
    assert not any(seen.startswith(target) for seen in world.upstreams["a"].requests() if protocol != "h2c")


def test_a_websocket_needs_a_session_where_the_route_does(world: World) -> None:
    assert connect(world, "private", "/websocket", "websocket", *HANDSHAKE)[0] == 401
    assert "/websocket" not in world.upstreams["a"].targets
    with world.stack.signed_in(host="app.localhost") as client:
        page = client.get(world.stack.url("private.localhost", "/.pomerium/"))
        assert page.status_code == 200
        client.get(world.stack.url("private.localhost", "/response"))
        cookie = client.jar.header(world.stack.url("private.localhost"), 0)
    assert cookie
    answer = connect(world, "private", "/websocket", "websocket", f"Cookie: {cookie}", *HANDSHAKE)
    assert answer == (101, b"ping")
