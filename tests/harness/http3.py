"""An HTTP/3 client that checks nothing of what it sends."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StreamReset
from aioquic.tls import SessionTicket

from tests.harness.ports import LOOPBACK

DEADLINE = 10.0
Headers = Sequence[tuple[str, str]]


@dataclass(slots=True)
class Answer:
    """What came back for one request."""

    status: int | None = None
    """None where the stream was reset, or the connection ended, without an answer."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    """Names and values, in order."""
    body: bytes = b""
    """All of it."""

    def values(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for key, value in self.headers if key == name]


class Http3Client(QuicConnectionProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._http = H3Connection(self._quic)
        self._answers: dict[int, Answer] = defaultdict(Answer)
        self._over: dict[int, asyncio.Future[None]] = {}
        self._ended = False

    @property
    def stream_window(self) -> int:
        """Bytes that the other side takes on a stream before it has read any (RFC 9000 section 4.1)."""
        return int(self._quic._remote_max_stream_data_bidi_remote)

    async def ask(self, host: str, path: str = "/", *more: tuple[str, str], method: str = "GET") -> Answer:
        """Send a request as it should be, and further headers as they are given."""
        head = [(":method", method), (":scheme", "https"), (":authority", host), (":path", path), *more]
        return await self.send(head)

    async def send(self, headers: Headers) -> Answer:
        """Send the headers of a request without a body, and wait for the whole answer."""
        if self._ended:
            return Answer()
        stream = self._quic.get_next_available_stream_id()
        self._over[stream] = asyncio.get_running_loop().create_future()
        self._http.send_headers(stream, [(name.encode(), value.encode("latin-1")) for name, value in headers], True)
        self.transmit()
        async with asyncio.timeout(DEADLINE):
            await self._over[stream]
        return self._answers.pop(stream, Answer())

    def quic_event_received(self, event: QuicEvent) -> None:
        for one in self._http.handle_event(event):
            self._take(one)
        if isinstance(event, StreamReset):
            self._end(event.stream_id)
        elif isinstance(event, ConnectionTerminated):
            self._ended = True
            for stream in list(self._over):
                self._end(stream)

    def _take(self, event: H3Event) -> None:
        match event:
            case HeadersReceived(stream_id=stream, headers=headers):
                pairs = [(name.decode(), value.decode("latin-1")) for name, value in headers]
                answer = self._answers[stream]
                answer.headers += pairs
                answer.status = next((int(value) for name, value in pairs if name == ":status"), answer.status)
            case DataReceived(stream_id=stream, data=data):
                self._answers[stream].body += data
        if isinstance(event, HeadersReceived | DataReceived) and event.stream_ended:
            self._end(event.stream_id)

    def _end(self, stream: int) -> None:
        if (over := self._over.get(stream)) is not None and not over.done():
            over.set_result(None)


@asynccontextmanager
async def http3(
    port: int,
    server_name: str,
    authority: Path,
    *,
    certificate: Path | None = None,
    tickets: list[SessionTicket] | None = None,
) -> AsyncIterator[Http3Client]:
    """Open a connection to a loopback port of UDP.

    `certificate` is a PEM file with the client's certificate and key; what may resume the session goes into `tickets`.
    """
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=H3_ALPN, server_name=server_name, cafile=str(authority)
    )
    if certificate is not None:
        configuration.load_cert_chain(certificate, certificate)
    async with connect(
        LOOPBACK,
        port,
        configuration=configuration,
        create_protocol=Http3Client,
        session_ticket_handler=None if tickets is None else tickets.append,
    ) as client:
        assert isinstance(client, Http3Client)
        yield client
