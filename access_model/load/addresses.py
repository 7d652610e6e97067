"""Where our own sockets listen: `host:port`, `:port` or `unix:///path`."""

import re
from dataclasses import dataclass

from access_model.load.hosts import host_or_address, is_address, is_loopback, is_unspecified
from access_model.load.problems import Mistake

_HOST_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:\[\]/]*)):(?P<port>\d{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host and a TCP port."""

    host: str
    """Folded host name, or IP address without brackets."""
    port: int
    """Port, 1 to 65535."""

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host) and not is_unspecified(self.host)

    def reached_by(self, host: str, port: int) -> bool:
        """Whether connecting to a folded host and port, seen from this machine, ends here."""
        if port != self.port:
            return False
        return host == self.host or (is_loopback(host) and is_loopback(self.host))


def tcp_address(text: str) -> TcpAddress:
    """Read `host:port` or `:port`, which means every IPv4 address. Raises `Mistake`."""
    parts = _HOST_PORT.fullmatch(text)
    if parts is None or not 0 < int(parts["port"]) < 65536:
        raise Mistake(
            "bad-address", f"`{text}` is not an address with a port", "write `host:port`, as `127.0.0.1:8443`"
        )
    return TcpAddress(host_or_address(parts["v6"] or parts["host"] or "0.0.0.0"), int(parts["port"]))  # noqa: S104


def bind_address(text: str) -> TcpAddress:
    """Read an address to bind: like `tcp_address`, but an IP address; `localhost` is 127.0.0.1. Raises `Mistake`."""
    address = tcp_address(text)
    if address.host == "localhost":
        return TcpAddress("127.0.0.1", address.port)
    if not is_address(address.host):
        raise Mistake("bad-address", f"`{address.host}` is not an IP address", "bind to an IP address, or to `:port`")
    return address


def service_address(text: str) -> TcpAddress | None:
    """Read an address of one of our services; None for a Unix socket. Raises `Mistake`."""
    if not text.startswith("unix:"):
        return tcp_address(text)
    if not text.startswith("unix:///") or text.endswith("/") or not text.isprintable():
        raise Mistake("bad-address", f"`{text}` is not a socket's path", "write `unix:///run/ostiary/name.sock`")
    return None
