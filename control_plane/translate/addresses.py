"""Addresses of our own services, from text to Envoy's form."""

from ipaddress import ip_address

from envoy_data_plane.envoy.config.core.v3 import Address, Pipe, SocketAddress

UNIX_PREFIX = "unix:"


class UnusableAddress(ValueError):
    """An address is neither `unix:///path` nor `host:port`; nothing was translated."""


def address_of(text: str) -> Address:
    """Read `unix:///path`, `unix:/path` or `host:port` (an IPv6 host in brackets)."""
    if text.startswith(UNIX_PREFIX):
        path = text.removeprefix(UNIX_PREFIX).removeprefix("//")
        if not path.startswith("/"):
            raise UnusableAddress(f"`{text}` names no absolute path; write `unix:///run/ostiary/check.sock`")
        return Address(pipe=Pipe(path=path))
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UnusableAddress(f"`{text}` is no address; write `host:port` or `unix:///path`")
    return socket_address(host.removeprefix("[").removesuffix("]"), int(port))


def socket_address(host: str, port: int) -> Address:
    """A TCP address; `host` is a name or an IP literal without brackets."""
    return Address(socket_address=SocketAddress(address=host, port_value=port))


def is_ip_literal(host: str) -> bool:
    """Whether `host` needs no name resolution."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
