"""The web server as a task: it listens when the block begins, and is gone after it."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from service_kit.addresses import TcpAddress, UnixAddress
from service_kit.web_server import WebServerFailed, serve_web
from tests.harness.ports import free_port


async def _hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"hello {request.url.scheme}")


APP = Starlette(routes=[Route("/", _hello)])


def _client(socket: Path) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(socket)))


async def test_serves_a_unix_socket_while_the_block_runs(tmp_path: Path) -> None:
    socket = tmp_path / "web.sock"
    async with serve_web(APP, UnixAddress(socket)), _client(socket) as client:
        answer = await client.get("http://any/", headers={"x-forwarded-proto": "https"})
    assert answer.text == "hello http"  # what a client says of the connection is not believed
    assert "server" not in answer.headers
    with pytest.raises(httpx.ConnectError):
        async with _client(socket) as client:
            await client.get("http://any/")


async def test_a_taken_port_is_an_error_with_the_address() -> None:
    address = TcpAddress("127.0.0.1", free_port())
    async with serve_web(APP, address):
        with pytest.raises(WebServerFailed, match=f"cannot listen on `{address}`"):
            async with serve_web(APP, address):
                pass
