"""From Starlette's request to the plain `WebRequest` of the use cases: bounded, and read in one way only."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from extauthz.cookies import parse_cookie_header
from extauthz.web.visit import Visit, headers_of
from extauthz.web_request import Pairs, WebRequest

LARGEST_QUERY = 32 * 1024
LARGEST_FORM = 64 * 1024
MOST_PARAMETERS = 50
FORM = "application/x-www-form-urlencoded"


class RequestMalformed(ValueError):
    """The request cannot be read, or is larger than any that we ask for; the message is for the person."""


async def web_request(visit: Visit) -> WebRequest:
    """Read the request of a visit, a posted form included. Raises `RequestMalformed`."""
    request = visit.request
    scope = request.scope
    query = scope["query_string"].decode("latin-1")
    if len(query) > LARGEST_QUERY:
        raise RequestMalformed("the address is longer than any link of ours")
    form = await _form(request) if request.method == "POST" else ""
    return WebRequest(
        method=request.method,
        scheme=visit.base_url.partition(":")[0],
        host=visit.host,
        path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        query=query,
        params=_pairs(query) + _pairs(form),
        cookies=parse_cookie_header(request.headers.getlist("cookie")),
        headers=headers_of(request),
        request_id=visit.request_id,
        client_address=str(visit.client_address or ""),
    )


async def _form(request: Request) -> str:
    media_type = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if media_type != FORM:
        raise RequestMalformed("only a form can be sent here")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise RequestMalformed("more was sent than any form of ours holds")
    return body.decode("latin-1")


def _pairs(encoded: str) -> Pairs:
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise RequestMalformed("the address or the form cannot be read") from error
    return tuple(pairs)
