"""An ASGI application served by uvicorn as a task among others: no signal handlers, no process of its own."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn

from service_kit.addresses import Address, UnixAddress

DRAIN_SECONDS = 3
POLL_SECONDS = 0.01
OWNER_ONLY = 0o600


class WebServerFailed(Exception):
    """The address cannot be listened on; the message says which and why."""

    code = "web-server-failed"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever composes the process."""
        yield


@contextlib.asynccontextmanager
async def serve_web(app: Any, address: Address, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """Serve `app` on `address` while the block runs; it answers when the block begins. Raises `WebServerFailed`."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # Envoy writes the access log
        server_header=False,
        date_header=False,
        proxy_headers=False,  # nothing a client can send changes what we believe about the connection
        lifespan="off",
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    config.load()
    config.ssl = tls
    server = _Server(config)
    with _listening_socket(address) as listening:
        task = asyncio.create_task(server.serve(sockets=[listening]), name=f"web {address}")
        try:
            while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn offers no event to wait for
                await asyncio.sleep(POLL_SECONDS)
            yield
        finally:
            server.should_exit = True
            await task


@contextlib.contextmanager
def _listening_socket(address: Address) -> Iterator[socket.socket]:
    try:
        listening = _bind(address)
    except OSError as error:
        raise WebServerFailed(f"cannot listen on `{address}`: {error.strerror}") from error
    with listening:
        yield listening
    if isinstance(address, UnixAddress):
        address.path.unlink(missing_ok=True)


def _bind(address: Address) -> socket.socket:
    if not isinstance(address, UnixAddress):
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        return socket.create_server((address.host, address.port), family=family)
    address.path.unlink(missing_ok=True)  # left by a process that was killed
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.bind(str(address.path))
        address.path.chmod(OWNER_ONLY)
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening
