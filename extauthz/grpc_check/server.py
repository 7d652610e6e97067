"""The socket of the `Check` service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from grpc import aio

from extauthz.grpc_check.service import METHOD, CheckService
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
    """Knows one method, by its exact name: another spelling of it is unimplemented."""

    def __init__(self, service: CheckService) -> None:
        self._check = grpc.unary_unary_rpc_method_handler(service.check)

    def service(self, handler_call_details: Any) -> Any:
        """The handler of a call, or None."""
        return self._check if handler_call_details.method == METHOD else None


@asynccontextmanager
async def serve_check(service: CheckService, address: Address, credentials: Any = None) -> AsyncIterator[Address]:
    """Serve while the block runs; yields where it listens (a TCP port of 0 is chosen by the system).

    Without gRPC server credentials in plain text. A Unix socket is its owner's alone. At the end calls under way get a
    few seconds. Raises `CheckServerFailed`.
    """
    server = aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers((_Handler(service),))
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
