"""Envoy's messages, as it builds them."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from envoy.service.auth.v3 import external_auth_pb2

CheckRequest: Any = external_auth_pb2.CheckRequest
CheckResponse: Any = external_auth_pb2.CheckResponse

Fields = Sequence[tuple[str, bytes | str]]
HTML = ("accept", "text/html")


def check_request(
    target: str = "/",
    *fields: tuple[str, bytes | str],
    method: str = "GET",
    host: str = "app.example.com",
    scheme: str = "https",
    route_id: str | None = None,
    raw: bool = True,
    address: str = "203.0.113.7",
    body: bytes = b"",
    certificate: str = "",
) -> bytes:
    """A request, its headers one by one and raw (`encode_raw_headers`), or as the map that joins them."""
    request = CheckRequest()
    request.attributes.source.address.socket_address.address = address
    request.attributes.source.certificate = quote(certificate)
    http = request.attributes.request.http
    http.method, http.path, http.host, http.scheme, http.raw_body = method, target, host, scheme, body
    pseudo: Fields = ((":method", method), (":path", target), (":authority", host), (":scheme", scheme))
    if raw:
        _encode_raw(http, (*pseudo, *fields))
    else:
        http.headers.update(_joined((*pseudo, *fields)))
    if route_id is not None:
        request.attributes.context_extensions.update({"route_id": route_id})
    return bytes(request.SerializeToString())


def _encode_raw(http: Any, fields: Fields) -> None:
    for name, value in fields:
        header = http.header_map.headers.add()
        header.key = name
        header.raw_value = value.encode() if isinstance(value, str) else value


def _joined(fields: Fields) -> Mapping[str, str]:
    joined: dict[str, str] = {}
    for name, value in fields:
        text = value if isinstance(value, str) else value.decode("ascii", "replace").replace("\ufffd", "!")
        joined[name] = f"{joined[name]},{text}" if name in joined else text
    return joined


def answered(data: bytes) -> Any:
    """A response, parsed."""
    return CheckResponse.FromString(data)


def is_allowed(response: Any) -> bool:
    """Whether Envoy lets the request pass."""
    return bool(response.status.code == 0) and response.WhichOneof("http_response") in {None, "ok_response"}


def set_headers(options: Any) -> list[tuple[str, str]]:
    """Names and values of header options, in order."""
    return [(option.header.key, option.header.value) for option in options]
