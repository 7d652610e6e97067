"""The ADS server: grpc.aio around conversations."""

import ipaddress
from collections.abc import Sequence
from typing import Any

import grpc

from control_plane.ads.conversation import Conversation
from control_plane.ads.publisher import SnapshotSource
from control_plane.ledger import Ledger
from control_plane.xds import Variant
from service_kit.addresses import Address, TcpAddress, UnixAddress, owner_only

SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService"
METHODS = {"StreamAggregatedResources": Variant.SOTW, "DeltaAggregatedResources": Variant.DELTA}

_OPTIONS = (
    # A second control plane on the same port is a mistake to hear of, not a load balancer.
    ("grpc.so_reuseport", 0),
    # A client whose machine vanished is noticed within a minute; clients may ask after us as often.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    # Thousands of names, or versions after a reconnect, come in one request.
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
)


class AdsServer:
    """Serves `AggregatedDiscoveryService`, both variants, on every address given.

    xDS carries private keys. Without `credentials` (of a gRPC server, which verify clients' certificates) it is for
    Unix sockets, whose folder the caller keeps to itself, and for loopback. Raises ValueError for any other address.
    With them every TCP port demands them.
    """

    def __init__(
        self, source: SnapshotSource, ledger: Ledger, addresses: Sequence[Address], credentials: Any = None
    ) -> None:
        for address in addresses if credentials is None else ():
            _require_private(address)
        self._credentials = credentials
        self._source = source
        self._ledger = ledger
        self._addresses = addresses
        self._conversations: set[Conversation] = set()
        self._stopping = False
        self._server = grpc.aio.server(options=_OPTIONS)
        self._server.add_generic_rpc_handlers((self._handlers(),))

    @property
    def streams(self) -> int:
        """How many calls are open."""
        return len(self._conversations)

    async def start(self) -> None:
        """Listen. Raises RuntimeError if an address cannot be bound."""
        for address in self._addresses:
            with owner_only():
                if self._credentials is None or isinstance(address, UnixAddress):
                    self._server.add_insecure_port(str(address))
                else:
                    self._server.add_secure_port(str(address), self._credentials)
        await self._server.start()

    async def stop(self, grace: float = 5.0) -> None:
        """Stop listening and end every call, cutting off after `grace` seconds those that do not end."""
        self._stopping = True
        for conversation in self._conversations:
            conversation.end()
        await self._server.stop(grace)

    def _handlers(self) -> Any:
        handlers = {name: self._handler(variant) for name, variant in METHODS.items()}
        return grpc.method_handlers_generic_handler(SERVICE, handlers)

    def _handler(self, variant: Variant) -> Any:
        async def handle(_: Any, call: Any) -> None:
            await self._converse(Conversation(call, variant, self._source, self._ledger))

        return grpc.stream_stream_rpc_method_handler(handle)

    async def _converse(self, conversation: Conversation) -> None:
        if self._stopping:
            conversation.end()
        self._conversations.add(conversation)
        try:
            await conversation.run()
        finally:
            self._conversations.discard(conversation)


def _require_private(address: Address) -> None:
    if not isinstance(address, TcpAddress) or address.host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(address.host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            f"`{address}` is no loopback address, and xDS carries private keys: "
            "nothing is served there without TLS; use a Unix socket or `127.0.0.1`"
        )
