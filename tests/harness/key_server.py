"""A server that publishes a JWK Set and counts who asks."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.harness.ports import LOOPBACK


@dataclass(slots=True)
class KeyServer:
    """A running server."""

    port: int
    """TCP port on loopback."""
    keys: list[dict[str, Any]]
    """What it publishes now; change it to rotate."""
    status: int = 200
    """Status it answers with."""
    asked: list[str] = field(default_factory=list)
    """The Host header of each request."""

    @property
    def url(self) -> str:
        """Where the set is, under a name that only loopback knows."""
        return f"http://keys.localhost:{self.port}/jwks.json"


@contextmanager
def key_server(keys: Sequence[dict[str, Any]]) -> Iterator[KeyServer]:
    """Publish `keys`, which must be public."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.headers["host"])
            body = json.dumps({"keys": state.keys}).encode()
            self.send_response(state.status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its parameter's name)
            pass

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        state = KeyServer(server.server_address[1], list(keys))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
