"""Bytes on the wire: for requests that no well-behaved client would send."""

import http.client
import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.harness.ports import LOOPBACK


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A response, or the fact that there was none."""

    status: int | None
    """Status, None when the peer closed the connection without an answer."""
    headers: tuple[tuple[str, str], ...]
    """Headers in order, duplicates kept."""
    body: bytes
    """Body, decoded if it was chunked."""

    def values(self, name: str) -> list[str]:
        """Return every value of a header, in order; names compare without case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


def send_raw(
    port: int, data: bytes, *, server_name: str | None = None, authority: Path | None = None, timeout: float = 10
) -> RawResponse:
    """Send `data` to a loopback port as it is and read one response.

    With `server_name` over TLS with that name in the SNI, verified against the PEM file `authority`, HTTP/1.1.
    """
    with closing(_connect(port, server_name, authority, timeout)) as connection:
        connection.sendall(data)
        method = data.split(b" ", 1)[0].decode("latin-1")
        with closing(http.client.HTTPResponse(connection, method=method)) as response:
            try:
                response.begin()
                body = response.read()
            except (http.client.HTTPException, ConnectionError):
                return RawResponse(None, (), b"")
            return RawResponse(response.status, tuple(response.getheaders()), body)


def get_raw(host: str, target: str, *headers: str) -> bytes:
    """Compose a GET request with `target` and further header lines exactly as given."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _connect(port: int, server_name: str | None, authority: Path | None, timeout: float) -> socket.socket:
    connection = socket.create_connection((LOOPBACK, port), timeout)
    if server_name is None:
        return connection
    context = ssl.create_default_context(cafile=authority)
    context.set_alpn_protocols(["http/1.1"])
    try:
        return context.wrap_socket(connection, server_hostname=server_name)
    except BaseException:
        connection.close()
        raise
