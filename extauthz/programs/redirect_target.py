"""Where a programmatic login may send a credential: to the machine it is used on, and to hosts the operator names."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from access_model.model import AccessModel

MAX_URL = 2000

# Printable ASCII without `#` and `\\`, and no user before the host: a browser reads it as we do.
_URL = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]{1,5})?(/[!\"$-\[\]-~]*)?")


def redirect_target(model: AccessModel, url: str) -> str | None:
    """The URL, if a credential may go there: compared on label boundaries, beyond this machine over https alone."""
    if len(url) > MAX_URL or not _URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    named = any(host == each or _is_below(host, each) for each in model.programmatic_redirect_domains)
    return url if named and (parts.scheme == "https" or _is_this_machine(host)) else None


def with_credential(url: str, credential: str) -> str:
    """The URL that hands over a credential."""
    base = url if urlsplit(url).path else f"{url}/"
    return f"{base}{'&' if '?' in base else '?'}pomerium_jwt={credential}"


def _is_this_machine(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or _is_below(host, "localhost") or (address is not None and address.is_loopback)


def _is_below(host: str, domain: str) -> bool:
    """Whether a host is a subdomain; an address has none (`x.127.0.0.1` is some name)."""
    return _address(domain) is None and host.endswith(f".{domain}")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
