"""Addresses under which clouds keep the credentials of a machine: nothing that we fetch lies there."""

from ipaddress import IPv6Address, ip_address

_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data"})
_ADDRESSES = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200")})


def is_metadata_service(host: str) -> bool:
    """Whether a folded host is link-local, or a metadata service of a cloud."""
    try:
        address = ip_address(host)
    except ValueError:
        return host in _NAMES
    plain = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    return plain.is_link_local or plain in _ADDRESSES
