"""Whom an attempt is counted against. Pure."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

EXTERNAL_ADDRESS = "x-envoy-external-address"
"""The client behind the trusted hops, as Envoy tells it, whatever a client sent under that name."""
ONE_SITE = 64
"""Who has one IPv6 address as a rule has the other 2**64 of its network too (RFC 6177)."""


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address out of a message of Envoy's; None where it is none, such as the name of a socket."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def client_of(address: IPv4Address | IPv6Address | None) -> str | None:
    """Who is counted as one: an IPv4 address, or an IPv6 network; None where no address is known."""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, ONE_SITE), strict=False))
    return None if address is None else str(address)
