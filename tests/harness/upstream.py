"""An upstream that records, byte for byte, what reached it."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.harness.ports import LOOPBACK

MAX_HEAD = 1 << 20
"""Bytes of one request's head that are read at most."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request as it arrived."""

    method: str
    """Method."""
    target: str
    """Request target as written in the request line, path and query."""
    headers: tuple[tuple[str, str], ...]
    """Headers in order, with their case and duplicates, latin-1."""
    head: bytes
    """Request line and headers, raw."""
    body: bytes
    """Body; of a chunked one the content."""

    def values(self, name: str) -> list[str]:
        """Return every value of a header, in order; names compare without case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def value(self, name: str) -> str | None:
        """Return the only value of a header, None if it is absent. Raises AssertionError if there are several."""
        values = self.values(name)
        assert len(values) <= 1, f"{len(values)} `{name}` headers: {values}"
        return values[0] if values else None

    def folded_names(self) -> set[str]:
        """Return the header names as WSGI, CGI and PHP see them: lower case, `_` read as `-`."""
        return {name.lower().replace("_", "-") for name, _ in self.headers}


@dataclass(slots=True)
class Upstream:
    """A running recorder; `requests` grows by each request it answers."""

    port: int
    """TCP port on loopback."""
    requests: list[Recorded] = field(default_factory=list)
    """Everything that reached it, oldest first; a request is here before its answer is sent."""

    @property
    def url(self) -> str:
        """Its base URL, for `to` of a route."""
        return f"http://{LOOPBACK}:{self.port}"

    def last(self) -> Recorded:
        """Return the newest request. Raises AssertionError if none came."""
        assert self.requests, "no request reached the upstream"
        return self.requests[-1]

    def clear(self) -> None:
        """Forget what came so far."""
        self.requests.clear()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    # Kept-alive connections end with their thread, whenever the client lets go: nobody waits for them.
    block_on_close = False
    recorder: Upstream


class _Connection(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 60

    def handle(self) -> None:
        try:
            while (request := self._read()) is not None:
                self.server.recorder.requests.append(request)
                self._answer(request)
        except (OSError, ValueError):
            return  # The peer went away or sent no HTTP: nothing to record.

    def _read(self) -> Recorded | None:
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(MAX_HEAD)
            if not line or len(head) > MAX_HEAD:
                return None
            head += line
        request_line, *lines = bytes(head).decode("latin-1").split("\r\n")[:-2]
        method, target, _version = request_line.split(" ", 2)
        headers = tuple((name, value.strip(" \t")) for name, _, value in (line.partition(":") for line in lines))
        fields = {name.lower(): value for name, value in headers}
        if fields.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return Recorded(method, target, headers, bytes(head), self._body(fields))

    def _body(self, fields: dict[str, str]) -> bytes:
        if "chunked" not in fields.get("transfer-encoding", "").lower():
            return self.rfile.read(int(fields.get("content-length", "0")))
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return bytes(body)

    def _answer(self, request: Recorded) -> None:
        echo = {"method": request.method, "target": request.target, "headers": request.headers}
        content = json.dumps(echo | {"body": request.body.decode("latin-1")}).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
        self.wfile.write(head.encode() + (b"" if request.method == "HEAD" else content))


@contextmanager
def recording_upstream(port: int = 0) -> Iterator[Upstream]:
    """Run a recording upstream: it answers every request with 200 and a JSON echo of what it saw."""
    with _Server((LOOPBACK, port), _Connection) as server:
        server.recorder = Upstream(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.recorder
        finally:
            server.shutdown()
            thread.join()
