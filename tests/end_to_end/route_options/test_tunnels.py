"""TCP through the proxy: asked for by CONNECT, judged like every request, and nothing of HTTP within."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.end_to_end.route_options.conftest import World
from tests.harness.ports import LOOPBACK
from tests.harness.stack import AUTHENTICATE

pytestmark = pytest.mark.end_to_end

INSIDE = b"GET /inside HTTP/1.1\r\nHost: whatever\r\nX-Pomerium-Claim-Email: me\r\nConnection: close\r\n\r\n"


@contextmanager
def tunnel(world: World, target: str, *headers: str) -> Iterator[tuple[http.client.HTTPResponse, socket.socket]]:
    """Ask for a tunnel; the answer, and the connection behind it."""
    context = ssl.create_default_context(cafile=world.stack.certificate.authority)
    context.set_alpn_protocols(["http/1.1"])
    host = target.partition(":")[0]
    plain = socket.create_connection((LOOPBACK, world.stack.port), 10)
    with context.wrap_socket(plain, server_hostname=host) as connection:
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", *headers, "", ""]
        connection.sendall("\r\n".join(lines).encode())
        with http.client.HTTPResponse(connection, method="CONNECT") as answer:
            answer.begin()
            yield answer, connection


def read_inside(connection: socket.socket) -> bytes:
    connection.sendall(INSIDE)
    received = b""
    while data := connection.recv(4096):
        received += data
    return received


def test_the_bytes_within_reach_the_upstream_as_they_are(world: World) -> None:
    with tunnel(world, "Tunnel.localhost:22") as (answer, connection):
        assert answer.status == 200
        received = read_inside(connection)
    assert received.startswith(b"HTTP/1.1 200")
    assert b'"target": "/inside"' in received
    assert b'["X-Pomerium-Claim-Email", "me"]' in received
    assert b"forwarded" not in received.lower()


def test_a_stranger_is_sent_to_sign_in(world: World) -> None:
    """`pomerium-cli` opens a browser on a redirect, and takes everything else for a failure."""
    with tunnel(world, "private-tunnel.localhost:22") as (answer, _):
        assert answer.status == 302
        assert (answer.getheader("location") or "").startswith(world.stack.url(AUTHENTICATE, "/.pomerium/sign_in?"))
    assert world.upstreams["a"].requests() == []


def test_a_credential_of_no_worth_is_refused(world: World) -> None:
    with tunnel(world, "private-tunnel.localhost:22", "Authorization: Pomerium nonsense") as (answer, _):
        assert answer.status == 401
    assert world.upstreams["a"].requests() == []


def test_a_program_signs_in_as_pomerium_cli_does(world: World) -> None:
    back = f"http://localhost:{world.upstreams['b'].port}/"
    login = f"/.pomerium/api/v1/login?pomerium_redirect_uri={back}"
    with world.stack.program() as program, world.stack.signed_in(host="app.localhost") as client:
        landed = client.get(program.get(world.stack.url("private-tunnel.localhost", login)).text)
    credential = landed.url.params["pomerium_jwt"]
    with tunnel(world, "private-tunnel.localhost:22", f"Authorization: Pomerium {credential}") as (answer, connection):
        assert answer.status == 200
        assert b'"target": "/inside"' in read_inside(connection)


@pytest.mark.parametrize("target", ["tunnel.localhost:23", "path.localhost:443", "verify.localhost:22"])
def test_there_is_no_tunnel_to_anywhere_else(world: World, target: str) -> None:
    with tunnel(world, target) as (answer, _):
        assert answer.status == 404
    assert world.upstreams["a"].requests() == []


def test_a_tunnel_answers_no_other_request(world: World) -> None:
    assert world.get("tunnel", "/inside").status_code == 404
    assert world.upstreams["a"].requests() == []
