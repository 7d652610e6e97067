"""What kind of client asks: it decides between a redirect and a refusal, and how a refusal is spelt. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from access_model.reserved_headers import CREDENTIAL_HEADER
from extauthz.refusals.accept import prefers_html

_CREDENTIAL_HEADERS = ("authorization", CREDENTIAL_HEADER)
_SAFE_METHODS = ("GET", "HEAD")


class ClientKind(StrEnum):
    """The kinds that are answered differently."""

    NAVIGATION = "navigation"
    """A person goes to a page: may be redirected to sign in."""
    BROWSER = "browser"
    """Reads HTML, but a redirect would lose what it does: a posted form, a request with a credential of its own."""
    JSON = "json"
    """A program, `fetch()` included."""
    WEBSOCKET = "websocket"
    """The opening handshake of a WebSocket (RFC 6455)."""
    GRPC = "grpc"
    """gRPC over HTTP/2."""
    GRPC_WEB = "grpc-web"
    """gRPC-web, as browsers speak it."""
    KUBERNETES = "kubernetes"
    """A client of the Kubernetes API such as kubectl."""


def classify(method: str, headers: Mapping[str, Sequence[str]]) -> ClientKind:
    """Tell the kind of client by the request's method and headers (lower-case name to all values)."""
    content_type = _first(headers, "content-type").partition(";")[0].strip()
    if content_type.startswith("application/grpc-web"):
        return ClientKind.GRPC_WEB
    if content_type == "application/grpc" or content_type.startswith("application/grpc+"):
        return ClientKind.GRPC
    if "kubernetes/" in _first(headers, "user-agent"):
        return ClientKind.KUBERNETES
    if "websocket" in _first(headers, "upgrade") or "sec-websocket-key" in headers:
        return ClientKind.WEBSOCKET
    if _is_navigation(method, headers):
        return ClientKind.NAVIGATION
    return ClientKind.BROWSER if _reads_html(headers) else ClientKind.JSON


def _is_navigation(method: str, headers: Mapping[str, Sequence[str]]) -> bool:
    """Browsers say so themselves (Fetch Metadata, W3C); of the others the preference for HTML is taken for it."""
    if any(name in headers for name in _CREDENTIAL_HEADERS):
        return False
    if method == "CONNECT":  # who asks for a tunnel opens a browser on a redirect, and fails on anything else
        return True
    if method not in _SAFE_METHODS:
        return False
    mode = _first(headers, "sec-fetch-mode")
    return mode == "navigate" if mode else _reads_html(headers)


def _reads_html(headers: Mapping[str, Sequence[str]]) -> bool:
    mode = _first(headers, "sec-fetch-mode")
    by_script = mode not in ("", "navigate") or _first(headers, "x-requested-with") == "xmlhttprequest"
    return not by_script and (mode == "navigate" or prefers_html(headers.get("accept", ())))


def _first(headers: Mapping[str, Sequence[str]], name: str) -> str:
    """The first value of a header in lower case, empty without one."""
    return next(iter(headers.get(name, ())), "").lower()
