"""Which URLs of a provider's metadata may be asked: discovery must not turn us against our own network.

Endpoints use https; an issuer on a loopback address may use http (development). An address literal or a local name is
accepted only where the issuer itself has it, and never a link-local address, under which clouds keep credentials.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from access_model.metadata_services import is_metadata_service
from extauthz.oidc.errors import NotTrusted, Reason

_PRINTABLE = re.compile(r"[!-~]+")
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".localdomain")


def checked_endpoint(name: str, url: object, issuer: str) -> str:
    """The URL, if it may be asked on the word of this issuer; raises `NotTrusted`."""
    if not isinstance(url, str) or not _PRINTABLE.fullmatch(url):
        raise NotTrusted(Reason.METADATA, f"the provider's `{name}` is not a URL")
    parts, trusted = _split(url, name), _split(issuer, "issuer")
    problem = _problem(parts, trusted)
    if problem:
        raise NotTrusted(Reason.METADATA, f"the provider's `{name}` `{url}` is refused: {problem}")
    return url


def _split(url: str, name: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where the port is no number
    except ValueError as error:
        raise NotTrusted(Reason.METADATA, f"the provider's `{name}` is not a URL") from error
    return parts


def _problem(parts: SplitResult, issuer: SplitResult) -> str | None:
    host = (parts.hostname or "").rstrip(".")
    if not host or parts.username is not None or parts.fragment or "\\" in parts.geturl():
        return "it needs a host, and neither user nor fragment"
    if parts.scheme != "https" and not (parts.scheme == "http" and _http_allowed(host, issuer)):
        return "it must use https, as only an issuer on a loopback address may do without"
    if is_metadata_service(host):
        return "it leads to a link-local or cloud metadata address"
    if _is_local(host) and host != issuer.hostname:
        return "it leads to an address or local name that is not the issuer's"
    return None


def _http_allowed(host: str, issuer: SplitResult) -> bool:
    return issuer.scheme == "http" and _is_loopback(issuer.hostname or "") and _is_loopback(host)


def _is_local(host: str) -> bool:
    # A name whose last label is numeric is read as an IPv4 address by resolvers (`2130706433`, `0x7f.1`).
    numeric = re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)", host.rpartition(".")[2]) is not None
    return numeric or _address(host) is not None or host == "localhost" or host.endswith(_LOCAL_SUFFIXES)


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
