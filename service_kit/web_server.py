"""An ASGI application served by uvicorn as a task among others: no signal handlers, no process of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from service_kit.addresses import Address, UnixAddress

DRAIN_SECONDS = 3
POLL_SECONDS = 0.01


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave signals to whoever composes the process."""
        yield


class WebServerFailed(Exception):
    """The server ended before it listened; uvicorn has logged why."""

    code = "web-server-failed"


@contextlib.asynccontextmanager
async def serve_web(app: Any, address: Address) -> AsyncIterator[None]:
    """Serve `app` on `address` while the block runs; it listens when the block begins."""
    where: dict[str, Any] = (
        {"uds": str(address.path)} if isinstance(address, UnixAddress) else {"host": address.host, "port": address.port}
    )
    config = uvicorn.Config(
        app,
        **where,
        log_config=None,
        access_log=False,  # Envoy writes the access log
        server_header=False,
        date_header=False,
        proxy_headers=False,  # nothing a client can send changes what we believe about the connection
        lifespan="off",
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(), name=f"web {address}")
    try:
        await _listening(server, task, address)
        yield
    finally:
        server.should_exit = True
        await task


async def _listening(server: uvicorn.Server, task: asyncio.Task[None], address: Address) -> None:
    while not server.started:  # uvicorn offers no event to wait for
        if task.done():
            raise WebServerFailed(f"cannot listen on `{address}`")
        await asyncio.sleep(POLL_SECONDS)
