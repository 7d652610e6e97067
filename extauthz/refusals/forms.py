"""The forms of a refusal that are no HTML: JSON, gRPC, gRPC-web and the Kubernetes API's own. Pure."""

import base64
import json
from http import HTTPStatus
from urllib.parse import quote

from extauthz.pages import Page, answer_headers
from extauthz.refusals.refusal import CERTIFICATE_WANTED, Refusal

_GRPC_CODES: dict[int, int] = {
    HTTPStatus.BAD_REQUEST: 3,  # INVALID_ARGUMENT
    HTTPStatus.UNAUTHORIZED: 16,  # UNAUTHENTICATED
    HTTPStatus.FORBIDDEN: 7,  # PERMISSION_DENIED
    HTTPStatus.NOT_FOUND: 12,  # UNIMPLEMENTED, as gRPC itself reads a 404
    HTTPStatus.TOO_MANY_REQUESTS: 8,  # RESOURCE_EXHAUSTED
    CERTIFICATE_WANTED: 16,  # UNAUTHENTICATED
    HTTPStatus.SERVICE_UNAVAILABLE: 14,  # UNAVAILABLE
}
_GRPC_UNKNOWN = 2
_KUBERNETES_REASONS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "BadRequest",
    HTTPStatus.UNAUTHORIZED: "Unauthorized",
    HTTPStatus.FORBIDDEN: "Forbidden",
    HTTPStatus.NOT_FOUND: "NotFound",
    HTTPStatus.TOO_MANY_REQUESTS: "TooManyRequests",
    CERTIFICATE_WANTED: "Unauthorized",
    HTTPStatus.SERVICE_UNAVAILABLE: "ServiceUnavailable",
}
# Envoy drops the content type of a response without body, and gRPC-web clients refuse one without. A data frame of
# length zero carries no message; the status stands in the headers ("trailers-only").
_EMPTY_FRAME = b"\0\0\0\0\0"
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


def json_form(refusal: Refusal, request_id: str) -> Page:
    """`{"error", "request_id"}`, and `login_url` where a sign-in would help."""
    body = {"error": refusal.error, "request_id": request_id}
    if refusal.sign_in_url:
        body["login_url"] = refusal.sign_in_url
    return _json(refusal.status, body)


def kubernetes_form(refusal: Refusal) -> Page:
    """A `Status` object of the Kubernetes API (v1), which kubectl prints."""
    return _json(
        refusal.status,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": refusal.message,
            "reason": _KUBERNETES_REASONS.get(refusal.status, "Unknown"),
            "code": refusal.status,
        },
    )


def grpc_form(refusal: Refusal) -> Page:
    """Trailers-only (gRPC over HTTP/2): status 200, code and message in the headers, no body."""
    return Page(200, (("content-type", "application/grpc"), *_grpc_status(refusal)), b"")


def grpc_web_form(refusal: Refusal, content_type: str) -> Page:
    """Trailers-only in the dialect that the client speaks (`application/grpc-web[-text][+proto]`)."""
    text = content_type.startswith("application/grpc-web-text")
    media_type = "application/grpc-web-text+proto" if text else "application/grpc-web+proto"
    body = base64.b64encode(_EMPTY_FRAME) if text else _EMPTY_FRAME
    return Page(200, (("content-type", media_type), *_grpc_status(refusal)), body)


def _grpc_status(refusal: Refusal) -> tuple[tuple[str, str], ...]:
    code = _GRPC_CODES.get(refusal.status, _GRPC_UNKNOWN)
    return (
        ("grpc-status", str(code)),
        ("grpc-message", quote(refusal.message, safe=_PRINTABLE)),
        ("cache-control", "no-store"),
    )


def _json(status: int, body: dict[str, object] | dict[str, str]) -> Page:
    headers = (("content-type", "application/json"), *answer_headers())
    return Page(status, headers, json.dumps(body).encode() + b"\n")
