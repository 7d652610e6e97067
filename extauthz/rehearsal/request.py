"""A request made of its words."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from access_model.facts import ClientCertificate, RequestFacts
from extauthz.request_host import HostRefused, fold_host
from extauthz.request_path import PathRefused, read_target

Header = tuple[str, str]
"""Name and value."""


class NotARequest(ValueError):
    """These words make no request that could reach us; the message says which, for people."""

    code = "not-a-request"


def request(
    method: str,
    url: str,
    *,
    headers: Iterable[Header] = (),
    address: IPv4Address | IPv6Address | None = None,
    body: bytes = b"",
    certificate: ClientCertificate | None = None,
) -> RequestFacts:
    """The facts of a request to an absolute URL, read by the rules for real ones. Raises `NotARequest`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise NotARequest(f"`{url}` is not an absolute URL: write `https://app.example.com/path`")
    try:
        host = fold_host(parts.netloc)
        path = read_target(f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/")
    except (HostRefused, PathRefused) as refused:
        raise NotARequest(f"`{url}` would be refused as malformed: {refused}") from None
    return RequestFacts(
        method=method.upper(),
        scheme=parts.scheme,
        host=host,
        authority=parts.netloc,
        path=path.decoded,
        raw_path=path.raw,
        query=path.query,
        headers=_gathered(headers),
        client_address=address,
        body=body,
        client_certificate=certificate,
    )


def _gathered(headers: Iterable[Header]) -> dict[str, tuple[str, ...]]:
    gathered: dict[str, tuple[str, ...]] = {}
    for name, value in headers:
        gathered[name.lower()] = (*gathered.get(name.lower(), ()), value)
    return gathered
