"""Who gets in, and that renewals count from the next handshake on."""

import asyncio
import socket
import ssl
from pathlib import Path
from unittest.mock import ANY

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from service_kit.addresses import TcpAddress
from service_kit.mutual_tls import MutualTls, TlsMaterial, TlsUnusable
from service_kit.web_server import serve_web
from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.ports import free_port

APP = Starlette(routes=[Route("/", lambda _: PlainTextResponse("hello"))])


def made(folder: Path, name: str) -> ServerCertificate:
    (folder / name).mkdir()
    return make_certificate(folder / name, ["localhost"], client=True)


def material(shown: ServerCertificate, *authorities: ServerCertificate) -> TlsMaterial:
    trusted = b"".join(each.authority.read_bytes() for each in authorities)
    return TlsMaterial(shown.chain.read_bytes(), shown.key.read_bytes(), trusted)


async def ask(port: int, trusted: ServerCertificate, shown: ServerCertificate | None) -> str:
    context = ssl.create_default_context(cafile=trusted.authority)
    if shown is not None:
        context.load_cert_chain(shown.chain, shown.key)
    async with httpx.AsyncClient(verify=context) as client:
        return (await client.get(f"https://localhost:{port}/")).text


async def test_web_clients_need_a_certificate_and_renewals_count_at_once(tmp_path: Path) -> None:
    server, renewed, client, other = (made(tmp_path, name) for name in ("server", "renewed", "client", "other"))
    tls, port = MutualTls(material(server, client)), free_port()
    async with serve_web(APP, TcpAddress("127.0.0.1", port), tls.web_context()):
        assert await ask(port, server, client) == "hello"
        for stranger in (None, other):
            with pytest.raises(httpx.TransportError):
                await ask(port, server, stranger)
        tls.prepare(material(renewed, other))()
        assert await ask(port, renewed, other) == "hello"
        with pytest.raises(httpx.TransportError):
            await ask(port, renewed, client)
        with pytest.raises(httpx.ConnectError, match="unable to get local issuer"):
            await ask(port, server, other)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_no_session_of_a_client_is_resumed_whose_authority_was_taken_away(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    server, client, other = (made(tmp_path, name) for name in ("server", "client", "other"))
    tls, port = MutualTls(material(server, client)), free_port()
    context = ssl.create_default_context(cafile=server.authority)
    context.load_cert_chain(client.chain, client.key)
    context.maximum_version = version
    async with serve_web(APP, TcpAddress("127.0.0.1", port), tls.web_context()):
        session, _ = await asyncio.to_thread(resuming, context, port, None)
        assert session is not None
        assert await asyncio.to_thread(resuming, context, port, session) == (ANY, True)
        tls.prepare(material(server, other))()
        with pytest.raises(OSError):
            await asyncio.to_thread(resuming, context, port, session)


def resuming(context: ssl.SSLContext, port: int, session: ssl.SSLSession | None) -> tuple[ssl.SSLSession | None, bool]:
    """The session after a request, and whether it was that of another one before."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost", session=session) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        if not connection.recv(65536).startswith(b"HTTP/1.1 200"):
            raise ConnectionError("no answer")
        return connection.session, bool(connection.session_reused)


def test_what_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    server = made(tmp_path, "server")
    good = material(server, server)
    tls = MutualTls(good)
    with pytest.raises(TlsUnusable, match="the certificates of our services cannot be used"):
        tls.prepare(TlsMaterial(good.chain_pem, made(tmp_path, "x").key.read_bytes(), good.authorities_pem))
    assert "PRIVATE" not in repr(good)
