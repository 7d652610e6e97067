"""An HTTP/2 client that checks nothing of what it sends, and has many requests under way on one connection."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import create_connection

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamEnded, StreamReset

from tests.harness.ports import LOOPBACK
from tests.harness.stack import PUBLIC, Stack

Headers = Sequence[tuple[str, str]]


def request(host: str, path: str = "/", method: str = "GET", *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The headers of a request as it should be, and `more`."""
    return [(":method", method), (":scheme", "https"), (":authority", host), (":path", path), *more]


@dataclass(slots=True)
class Answer:
    """What came back on one stream."""

    status: int | None = None
    """None while nothing came, and where the stream was reset."""
    body: bytes = b""
    """As far as it came."""
    over: bool = False
    """Whether nothing more will come."""


@dataclass(slots=True)
class Http2Client:
    """One connection."""

    secure: ssl.SSLSocket
    """Its socket."""
    connection: H2Connection
    """Its state."""
    answers: dict[int, Answer] = field(default_factory=dict)
    """By stream."""
    closed: bool = False
    """Whether the other side has ended it."""

    def send(self, headers: Headers, *, trailers: Headers = ()) -> int:
        """Begin a request, and return its stream; with trailers, it has a body of one byte before them."""
        stream = self.connection.get_next_available_stream_id()
        self.answers[stream] = Answer()
        self.connection.send_headers(stream, list(headers), end_stream=not trailers)
        if trailers:
            self.connection.send_data(stream, b"x")
            self.connection.send_headers(stream, list(trailers), end_stream=True)
        return stream

    def reset(self, stream: int) -> None:
        """Take a request back."""
        self.connection.reset_stream(stream)
        self.answers.pop(stream)

    def flush(self) -> None:
        """Put on the wire what was said so far."""
        self.secure.sendall(self.connection.data_to_send())

    def settle(self) -> None:
        """Return once every request has its answer, or the connection is gone."""
        self.flush()
        while not self.closed and not all(answer.over for answer in self.answers.values()):
            data = self.secure.recv(65536)
            self.closed = not data
            for event in self.connection.receive_data(data):
                self._take(event)
            self.flush()

    def ask(self, headers: Headers, *, trailers: Headers = ()) -> Answer:
        """Send one request and wait for its answer."""
        stream = self.send(headers, trailers=trailers)
        self.settle()
        return self.answers[stream]

    def _take(self, event: object) -> None:
        match event:
            case ConnectionTerminated():
                self.closed = True
            case ResponseReceived(stream_id=stream, headers=headers) if stream in self.answers:
                self.answers[stream].status = next(int(value) for name, value in headers or () if name == b":status")
            case DataReceived(stream_id=stream, data=data) if stream in self.answers:
                self.answers[stream].body += data
                self.connection.acknowledge_received_data(event.flow_controlled_length or 0, stream)
            case StreamEnded(stream_id=stream) | StreamReset(stream_id=stream) if stream in self.answers:
                self.answers[stream].over = True


@contextmanager
def http2(stack: Stack, server_name: str = PUBLIC) -> Iterator[Http2Client]:
    """Open a connection to the stack's listener."""
    context = ssl.create_default_context(cafile=stack.certificate.authority)
    context.set_alpn_protocols(["h2"])
    config = H2Configuration(
        client_side=True,
        validate_outbound_headers=False,
        normalize_outbound_headers=False,
        validate_inbound_headers=False,
    )
    with (
        create_connection((LOOPBACK, stack.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=server_name) as secure,
    ):
        client = Http2Client(secure, H2Connection(config))
        client.connection.initiate_connection()
        yield client
