"""`Answer` to `CheckResponse`: the one place that writes Envoy's message. Pure.

Envoy takes `value` alone from a response, never `raw_value`, and appends to what is there unless told otherwise: so
every header says what it does.
"""

from collections.abc import Iterable
from typing import Any

from envoy.config.core.v3 import base_pb2
from envoy.service.auth.v3 import external_auth_pb2

from extauthz.check.answer import Answer, Pass
from extauthz.pages import Page

CheckResponse: Any = external_auth_pb2.CheckResponse
HeaderValueOption: Any = base_pb2.HeaderValueOption

METADATA = "envoy.filters.http.ext_authz"
"""Where Envoy puts our metadata: under the canonical name of the filter that asks `Check`."""
SESSION, ENDS = "session", "ends"
_OK, _PERMISSION_DENIED = 0, 7
# Envoy writes these itself, for the connection it speaks on.
_CONNECTION_HEADERS = frozenset(("connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"))


def encode_answer(answer: Answer) -> bytes:
    """Serialise an answer."""
    response = CheckResponse()
    if isinstance(answer, Pass):
        _pass(response, answer)
    else:
        _deny(response, answer)
    return bytes(response.SerializeToString())


def _pass(response: Any, answer: Pass) -> None:
    response.status.code = _OK
    response.ok_response.SetInParent()
    _set(response.ok_response.headers, answer.set_headers)
    response.ok_response.headers_to_remove.extend(answer.remove_headers)
    if answer.opened.session_id:
        response.dynamic_metadata[SESSION] = answer.opened.session_id
    if answer.opened.ends is not None:
        response.dynamic_metadata[ENDS] = answer.opened.ends.timestamp()


def _deny(response: Any, page: Page) -> None:
    response.status.code = _PERMISSION_DENIED
    denied = response.denied_response
    denied.status.code = page.status
    _set(denied.headers, ((name, value) for name, value in page.headers if name not in _CONNECTION_HEADERS))
    denied.body = page.body.decode(errors="replace")


def _set(options: Any, headers: Iterable[tuple[str, str]]) -> None:
    for name, value in headers:
        option = options.add()
        option.header.key = name
        option.header.value = value.encode(errors="replace").decode()
        option.keep_empty_value = True
        option.append_action = (
            HeaderValueOption.APPEND_IF_EXISTS_OR_ADD
            if name == "set-cookie"
            else HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
        )
