"""Lends TLS to a program that cannot be told to trust a test's authority: plain TCP in, TLS out."""

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.loopback import local_tls
from tests.harness.ports import LOOPBACK

CHUNK = 65536
PATIENCE = 20.0
"""Seconds without a byte after which a connection is let go."""


class _Relay(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    context: ssl.SSLContext
    host: str
    port: int


class _Connection(socketserver.BaseRequestHandler):
    server: _Relay
    request: socket.socket

    def handle(self) -> None:
        plain = socket.create_connection((LOOPBACK, self.server.port), timeout=PATIENCE)
        with self.server.context.wrap_socket(plain, server_hostname=self.server.host) as outer:
            back = threading.Thread(target=_pump, args=(outer, self.request), daemon=True)
            back.start()
            _pump(self.request, outer)
            back.join(PATIENCE)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def tls_relay(host: str, port: int, authority: Path) -> Iterator[int]:
    """Relay to `host` at `port` on loopback, its certificate verified with `authority`; give the port to connect to."""
    with _Relay((LOOPBACK, 0), _Connection) as server:
        server.context, server.host, server.port = local_tls(authority), host, port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
