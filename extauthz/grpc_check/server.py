"""The socket of the `Check` service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from grpc import aio

from extauthz.grpc_check import watch_service
from extauthz.grpc_check.service import METHOD, CheckService
from extauthz.grpc_check.watch_service import WatchService
from service_kit.addresses import Address, UnixAddress, owner_only

LARGEST_REQUEST = 1024 * 1024
"""Envoy's own limit for all headers of a request is far below."""
DRAIN_SECONDS = 3
_OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST_REQUEST),
    ("grpc.so_reuseport", 0),
)


class CheckServerFailed(Exception):
    """The server cannot listen."""

    code = "check-server-failed"


class _Handler(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Knows methods by their exact names: another spelling of one is unimplemented."""

    def __init__(self, check: CheckService, watch: WatchService | None) -> None:
        self._methods = {METHOD: grpc.unary_unary_rpc_method_handler(check.check)}
        if watch is not None:
            self._methods[watch_service.METHOD] = grpc.stream_stream_rpc_method_handler(watch.process)

    def service(self, handler_call_details: Any) -> Any:
        """The handler of a call, or None."""
        return self._methods.get(handler_call_details.method)


@asynccontextmanager
async def serve_check(
    service: CheckService, address: Address, credentials: Any = None, watch: WatchService | None = None
) -> AsyncIterator[Address]:
    """Serve `Check`, and the watch over streams, while the block runs.

    Yields where it listens (a TCP port of 0 is chosen by the system). Without gRPC server credentials in plain text. A
    Unix socket is its owner's alone. At the end calls under way get a few seconds. Raises `CheckServerFailed`.
    """
    server = aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers((_Handler(service, watch),))
    try:
        with owner_only():
            port = (
                server.add_insecure_port(str(address))
                if credentials is None
                else server.add_secure_port(str(address), credentials)
            )
    except RuntimeError as error:
        raise CheckServerFailed(f"cannot listen on `{address}`: {error}") from error
    await server.start()
    try:
        yield address if isinstance(address, UnixAddress) else type(address)(address.host, port)
    finally:
        await server.stop(DRAIN_SECONDS)
