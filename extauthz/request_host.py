"""The authority of a request, read once. Pure."""

import re
from ipaddress import AddressValueError, IPv6Address

LONGEST_HOST = 253
LARGEST_PORT = 65535
_AUTHORITY = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+?)(?P<dot>\.?)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?")


class HostRefused(ValueError):
    """An authority that names no host (RFC 9110 section 7.2); nothing of it may be copied anywhere."""

    code = "host-refused"


def fold_host(authority: str) -> str:
    """The host of an authority as routes compare it: lower case, without port and trailing dot.

    Raises `HostRefused` for user information, lists, spaces, empty labels, and whatever else is not `host[:port]`.
    """
    match = _AUTHORITY.fullmatch(authority)
    if match is None or int(match["port"] or 0) > LARGEST_PORT:
        raise HostRefused("the host name is malformed")
    name = match["name"].lower()
    if name.startswith("["):
        return _address(name, match["dot"])
    if len(name) > LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise HostRefused("the host name is malformed")
    return name


def _address(literal: str, dot: str) -> str:
    try:
        IPv6Address(literal[1:-1])
    except AddressValueError:
        raise HostRefused("the host is no IPv6 address") from None
    if dot:
        raise HostRefused("the host name is malformed")
    return literal
