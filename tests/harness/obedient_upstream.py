"""An upstream that does as the request says: any status, any header, a wait, a protocol it changes to."""

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from tests.harness.ports import LOOPBACK

LONGEST_WAIT = 20.0


@dataclass(slots=True)
class ObedientUpstream:
    """A running one. Its answers are JSON: `name`, `target`, and `headers` as pairs."""

    name: str
    """What it calls itself in its answers."""
    port: int = 0
    """TCP port on loopback; 0 behind a Unix socket."""
    targets: list[str] = field(default_factory=list)
    """Request targets, oldest first; one is here before its answer."""
    server_names: list[str | None] = field(default_factory=list)
    """Names that TLS clients asked for."""
    certificates: list[Any] = field(default_factory=list)
    """Subjects of the certificates that TLS clients showed, None without one."""
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Counts requests that have begun to wait."""
    released: threading.Event = field(default_factory=threading.Event)
    """Ends the waiting of all of them."""

    def begin_anew(self) -> None:
        """Forget what came so far, and let go who still waits."""
        self.released.set()
        self.released, self.waiting = threading.Event(), threading.Semaphore(0)
        self.targets.clear()
        self.server_names.clear()
        self.certificates.clear()

    def requests(self) -> list[str]:
        """The targets that were no probe's."""
        return [target for target in self.targets if target != "/probe"]


class _TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        pass  # Handshakes and connections that Envoy breaks off are part of what is tested.


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    """`?status=`, `?header=Name:value` (repeatable) and `?wait` say what to do. `Upgrade` is agreed to, then echoed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        upstream = cast("Any", self.server).upstream
        upstream.targets.append(self.path)
        if isinstance(self.connection, ssl.SSLSocket):
            upstream.certificates.append((self.connection.getpeercert() or {}).get("subject"))
        if (protocol := self.headers["upgrade"]) is not None:
            self._change_to(protocol)
            return
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        if "wait" in asked:
            upstream.waiting.release()
            upstream.released.wait(LONGEST_WAIT)
        content = json.dumps({"name": upstream.name, "target": self.path, "headers": self.headers.items()}).encode()
        self.send_response(int(asked.get("status", ["200"])[0]))
        for pair in asked.get("header", []):
            self.send_header(*pair.split(":", 1))
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _change_to(self, protocol: str) -> None:
        self.send_response(101)
        self.send_header("upgrade", protocol)
        self.send_header("connection", "Upgrade")
        self.end_headers()
        while data := self.connection.recv(4096):
            self.connection.sendall(data)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return ""


@contextmanager
def obedient_upstream(
    name: str, *, socket_path: Path | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[ObedientUpstream]:
    """Run one on a free port, or on a Unix socket; with `tls` it speaks TLS alone."""
    upstream = ObedientUpstream(name)
    server: socketserver.BaseServer
    if socket_path is not None:
        server = _UnixServer(str(socket_path), _Handler)
    else:
        server = _TcpServer((LOOPBACK, 0), _Handler)
        upstream.port = server.server_address[1]
    cast("Any", server).upstream = upstream
    if tls is not None:
        tls.set_alpn_protocols(["http/1.1"])
        tls.sni_callback = lambda _socket, asked, _context: upstream.server_names.append(asked)
        cast("Any", server).socket = tls.wrap_socket(cast("Any", server).socket, server_side=True)
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield upstream
        finally:
            upstream.released.set()
            server.shutdown()
            thread.join()
