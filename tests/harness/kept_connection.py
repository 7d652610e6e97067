"""A TLS connection that is kept open while the server's certificate changes."""

import http.client
import socket
import ssl

from tests.harness.ports import LOOPBACK


def connected(port: int, host: str) -> ssl.SSLSocket:
    """Connect without judging the certificate: which one is shown is what tests look at."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection((LOOPBACK, port), 5), server_hostname=host)


def ping(connection: ssl.SSLSocket, host: str) -> int:
    """The status of one request on the open connection."""
    connection.sendall(f"GET /ping HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    response = http.client.HTTPResponse(connection)
    response.begin()
    response.read()
    return response.status
