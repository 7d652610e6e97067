"""Making sure that a TCP address is ours to take.

Envoy listens with SO_REUSEPORT, so that its workers share a port; a second Envoy on it would silently take half of the
connections instead of failing.
"""

import errno
import socket

from service_kit.addresses import TcpAddress

REMEDIES = {
    errno.EADDRINUSE: "end what listens there (another Ostiary?) or choose another `address`",
    errno.EACCES: "ports below 1024 need a privilege (CAP_NET_BIND_SERVICE); grant it or choose another `address`",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose one that it has, or 0.0.0.0",
}


class AddressTaken(Exception):
    """Somebody else listens there, or the address cannot be bound."""

    code = "address-taken"


def require_free(address: TcpAddress) -> None:
    """Bind the address for a moment. Raises `AddressTaken`."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address.host, address.port))
            probe.listen()
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, "choose another `address`")
        raise AddressTaken(f"cannot listen on `{address}`: {error.strerror}; {remedy}") from error
