"""Host names and addresses, in one spelling each. What could be read in two ways is refused."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from access_model.load.problems import Mistake

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)


def host_name(text: str) -> str:
    """Fold a host name or IPv4 address: lower case, no trailing dot. Raises `Mistake` on anything else."""
    host = text.lower().removesuffix(".")
    labels = host.split(".")
    if not host.isascii():
        raise Mistake("bad-host", f"the host `{text}` is not plain ASCII", "write its `xn--` form")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Mistake("bad-host", f"`{text}` is not a host name", "write a name such as `app.example.com`")
    if (labels[-1].isdecimal() or labels[-1].startswith("0x")) and not _is_ipv4(host):
        raise Mistake("bad-host", f"`{text}` looks like an address but is not one", "write all four numbers")
    return host


def host_or_address(text: str) -> str:
    """Like `host_name`, and takes IPv6 addresses too, in their shortest spelling and without brackets."""
    if ":" not in text:
        return host_name(text)
    try:
        address = IPv6Address(text)
    except ValueError:
        raise Mistake("bad-host", f"`{text}` is not an IPv6 address", "write it in brackets, as `[::1]`") from None
    return str(address.ipv4_mapped or address)


def host_pattern(text: str) -> str:
    """A host name, or one behind a leading `*.`, which stands for its subdomains."""
    name = text.removeprefix("*.")
    if "*" in name:
        raise Mistake("bad-host", f"`{text}` has a `*` that is not its first label", "write `*.example.com`")
    return text[: len(text) - len(name)] + host_name(name)


def is_loopback(host: str) -> bool:
    """Whether a folded host means this machine: RFC 6761 section 6.3, or an address that only reaches itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and (address.is_loopback or address.is_unspecified)


def is_unspecified(host: str) -> bool:
    """Whether binding to this host means binding to every address of the machine."""
    address = _address(host)
    return address is not None and address.is_unspecified


def is_address(host: str) -> bool:
    """Whether a folded host is an IP address."""
    return _address(host) is not None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_ipv4(host: str) -> bool:
    return isinstance(_address(host), IPv4Address)
