"""URLs in the configuration: what clients use (`from`), where requests go (`to`), where people are sent."""

from typing import Literal, cast
from urllib.parse import SplitResult, urlsplit

from access_model.load.hosts import host_name, host_or_address, host_pattern, is_loopback
from access_model.load.problems import Mistake
from access_model.model import Origin, Target

_EXAMPLE = "write one such as `https://app.example.com`"
LONGEST_SOCKET_PATH = 107
TUNNEL = "tcp+https"
_DEFAULT_PORTS = {"https": 443, "http": 80, "h2c": 80}


def origin(text: str) -> Origin:
    """Read `https://host[:port]` or `http://…`, wildcards allowed. Raises `Mistake`."""
    parts = _split(text)
    if parts.scheme == TUNNEL:
        return _tunnel(text, parts)
    if parts.scheme.startswith(("tcp", "udp", "ssh")):
        raise Mistake("not-supported-yet", f"`{parts.scheme}` is not supported yet by this version", "use `https://`")
    if parts.scheme not in ("https", "http"):
        raise Mistake("bad-scheme", f"`{parts.scheme}` is not a scheme that clients can use here", "use `https://`")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        remedy = "leave it out here, and say `prefix`, `path` or `regex` beside it"
        raise Mistake("path-in-origin", f"`{text}` has a path", remedy)
    scheme = cast("Literal['https', 'http']", parts.scheme)
    return Origin(scheme, host_pattern(_host(parts)), _port(parts))


def _tunnel(text: str, parts: SplitResult) -> Origin:
    host = host_name(_host(parts))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise Mistake("path-in-origin", f"`{text}` has a path", "leave it out; tunnels have none")
    return Origin("tcp+https", host, _given_port(parts))


def _tcp_target(url: str, parts: SplitResult, weight: int | None) -> Target:
    if parts.path or parts.query or parts.fragment:
        raise Mistake("bad-url", f"`{url}` has more than a host and a port", "write `tcp://host:port`")
    return Target("tcp", host_or_address(_host(parts)), _given_port(parts), weight)


def single_origin(text: str) -> Origin:
    """Read the origin of one host. Raises `Mistake`."""
    result = origin(text)
    if result.scheme == TUNNEL:
        raise Mistake("bad-scheme", f"`{text}` is no page", "use `https://`")
    if result.wildcard:
        raise Mistake("bad-host", f"`{result.host}` is not one host", "name a single host")
    return result


def target(text: str) -> tuple[Target, str]:
    """Read one `to`, `URL[,weight]`, as target and path (empty for none). Raises `Mistake`."""
    url, comma, weight = text.partition(",")
    if comma and not (weight.isascii() and weight.isdigit() and 0 < int(weight[:9]) <= 1_000_000 and len(weight) < 8):
        raise Mistake("bad-weight", f"`{weight}` is not a weight", "write a number from 1 to 1000000 behind the comma")
    parts = _split(url)
    if parts.scheme == "unix":
        return Target("unix", _socket(parts), 0, int(weight) if comma else None), ""
    if parts.scheme == "tcp":
        return _tcp_target(url, parts, int(weight) if comma else None), ""
    if parts.scheme in ("udp", "ssh"):
        raise Mistake("not-supported-yet", f"`{parts.scheme}` is not supported yet by this version", "use `http://`")
    if parts.scheme not in _DEFAULT_PORTS:
        raise Mistake(
            "bad-scheme",
            f"`{parts.scheme}` is not a scheme for upstreams",
            "use `http`, `https`, `h2c`, `unix` or `tcp`",
        )
    if parts.query or parts.fragment:
        raise Mistake("bad-url", f"`{url}` has a query or a fragment", "leave it out; the client's query is passed on")
    scheme = cast("Literal['http', 'https', 'h2c']", parts.scheme)
    made = Target(scheme, host_or_address(_host(parts)), _port(parts), int(weight) if comma else None)
    return made, "" if parts.path == "/" else parts.path


def issuer(text: str) -> str:
    """Check an issuer URL (OpenID Connect Discovery 1.0 section 3) and return it as it is. Raises `Mistake`."""
    if fetched(text).query:
        raise Mistake("bad-url", f"`{text}` has a query", "write the issuer as the provider names itself")
    return text


def fetched(text: str) -> SplitResult:
    """Split the URL of what we fetch and believe: https, or http on loopback, without fragment. Raises `Mistake`."""
    parts = _split(text)
    host = host_or_address(_host(parts))
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise Mistake("bad-scheme", f"`{text}` is not an https URL", "use `https://`; `http://` is for loopback alone")
    if parts.fragment:
        raise Mistake("bad-url", f"`{text}` has a fragment", "leave out what begins with `#`")
    _port(parts)
    return parts


def web_page(text: str) -> str:
    """Check the absolute URL of a page that browsers are sent to. Raises `Mistake`."""
    parts = _split(text)
    if parts.scheme not in ("https", "http"):
        raise Mistake("bad-scheme", f"`{parts.scheme}` is not a scheme for pages", "use `https://`")
    host_or_address(_host(parts))
    _port(parts)
    return text


def _split(text: str) -> SplitResult:
    """Split an absolute URL that leaves no room for two readings."""
    if not text.isascii() or not text.isprintable() or any(char in text for char in ' \\"<>^`{|}'):
        raise Mistake("bad-url", "the URL has characters that no URL may have", "percent-encode them")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise Mistake("bad-url", f"{_quoted(text)} is not a URL", _EXAMPLE) from None
    if "@" in parts.netloc:
        raise Mistake("bad-url", "the URL has a user name or a password", "leave out what stands before the `@`")
    if not parts.scheme or "://" not in text:
        raise Mistake("missing-scheme", f"{_quoted(text)} has no scheme", _EXAMPLE)
    return parts


def _socket(parts: SplitResult) -> str:
    """The path of a Unix socket, in one spelling (`sun_path` of Linux holds 107 bytes)."""
    segments = parts.path.split("/")[1:]
    if parts.netloc or parts.query or parts.fragment or not {"", ".", ".."}.isdisjoint(segments) or not segments:
        raise Mistake("bad-url", "this is not the URL of a socket", "write `unix:///run/app/http.sock`")
    if len(parts.path) > LONGEST_SOCKET_PATH:
        raise Mistake("bad-url", f"the socket's path is longer than {LONGEST_SOCKET_PATH} bytes", "use a shorter one")
    return parts.path


def _quoted(text: str) -> str:
    """The text for a message, unless it may hold a password."""
    return "this" if "@" in text else f"`{text}`"


def _host(parts: SplitResult) -> str:
    if not parts.hostname:
        raise Mistake("bad-url", "the URL has no host", _EXAMPLE)
    return parts.hostname


def _given_port(parts: SplitResult) -> int:
    """The port under a scheme that has none of its own."""
    try:
        port = parts.port
    except ValueError:
        port = None
    if not port:
        raise Mistake("missing-port", f"`{parts.netloc}` has no valid port", "write it, as `:22`")
    return port


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise Mistake("bad-url", f"`{parts.netloc}` has no valid port", "write a port from 1 to 65535")
    return port or _DEFAULT_PORTS[parts.scheme]
