"""Our own endpoints, served from within a `Check`: in a mesh that someone else programs, nothing else reaches them.

A denied response may have any status, so one gRPC address is the whole integration.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from access_model.facts import RequestFacts
from access_model.reserved_headers import CLIENT_CERTIFICATE
from extauthz.decide import Question
from extauthz.limits import EXTERNAL_ADDRESS
from extauthz.pages import Page

_TEXT = {"errors": "surrogateescape"}
_REPLACED = frozenset(
    ("host", "x-request-id", EXTERNAL_ADDRESS, CLIENT_CERTIFICATE, "content-length", "transfer-encoding")
)


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """The web application, called in-process."""

    application: Any
    """`extauthz.web.app.create_app(...)`, an ASGI application."""

    async def answer(self, question: Question, path: str) -> Page:
        """Ask it for a path (plain spelling, percent-encoded) with the query, headers and body of a request."""
        facts = question.facts
        target = f"{path}?{facts.query}" if facts.query else path
        request = httpx.Request(
            facts.method,
            httpx.URL(scheme=facts.scheme, host="own.invalid", raw_path=target.encode(**_TEXT)),
            headers=[
                (b"host", facts.authority.encode()),
                (b"x-request-id", facts.request_id.encode()),
                (CLIENT_CERTIFICATE.encode(), _shown(facts).encode()),
                (EXTERNAL_ADDRESS.encode(), str(facts.client_address or "").encode()),
                *(
                    (name.encode(**_TEXT), value.encode(**_TEXT))
                    for name, values in facts.headers.items()
                    if name not in _REPLACED
                    for value in values
                ),
            ],
            content=question.body,
        )
        response = await httpx.ASGITransport(self.application).handle_async_request(request)
        body = await response.aread()
        headers = tuple((name.decode().lower(), value.decode("latin-1")) for name, value in response.headers.raw)
        return Page(response.status_code, headers, body)


def _shown(facts: RequestFacts) -> str:
    """The certificate as our own Envoy would tell it."""
    shown = facts.client_certificate
    return "" if shown is None else quote(shown.chain or shown.pem)
