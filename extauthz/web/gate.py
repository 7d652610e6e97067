"""Around every endpoint: which host is asked for, what each answer carries, and that nothing ends without an answer."""

import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from extauthz.limits import TooManyAttempts, client_of
from extauthz.pages import Pages, answer_headers
from extauthz.refusals.refuse import INTERCEPTED
from extauthz.request_host import HostRefused, fold_host
from extauthz.services import Current, Services
from extauthz.web.failures import made_wait, malformed, not_served, unavailable, unexpected
from extauthz.web.incoming import RequestMalformed
from extauthz.web.visit import VISIT, Visit
from session_store.repository import StoreUnavailable

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
REPEATED_SLASHES = re.compile("/{2,}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Gate:
    """ASGI middleware: lets a request in as a `Visit`, and gives every answer the headers that all of ours have."""

    app: ASGIApp
    """The endpoints."""
    services: Services
    """The effects."""
    pages: Pages
    """The templates."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; never raises for what happens inside."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # As our listener does; in a mesh that merges no slashes, clients ask for `//.well-known/pomerium/jwks.json`.
        scope["path"] = REPEATED_SLASHES.sub("/", scope["path"])
        answer = _Answer(send, head=scope["method"] == "HEAD")
        visit = scope[VISIT] = self._visit(Request(scope, receive))
        try:
            await self._serve(visit, scope, receive, answer.send)
        except ClientDisconnect:
            return
        except Exception as error:
            failure = _log_and_explain(visit, error)
            if not answer.started:
                await failure(scope, receive, answer.send)

    async def _serve(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        if not visit.model.serves_host(visit.host):
            await not_served(visit)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _visit(self, request: Request) -> Visit:
        current: Current = self.services.current()
        presented = request.headers.get("x-request-id", "")
        return Visit(
            request=request,
            services=self.services,
            pages=self.pages,
            current=current,
            host=_asked_host(request.headers.getlist("host")),
            request_id=presented if REQUEST_ID.fullmatch(presented) else self.services.entropy(16).hex(),
            now=self.services.clock(),
        )


def _asked_host(values: Sequence[str]) -> str:
    """The folded host; empty, which nobody serves, unless there is exactly one well-formed `Host`."""
    try:
        return fold_host(*values) if len(values) == 1 else ""
    except HostRefused:
        return ""


def _log_and_explain(visit: Visit, error: Exception) -> Response:
    where = {"request_id": visit.request_id, "host": visit.host, "path": visit.request.scope["path"]}
    if isinstance(error, RequestMalformed):
        log.warning("request_malformed", **where, problem=str(error))
        return malformed(visit, str(error))
    if isinstance(error, TooManyAttempts):
        log.warning("too_many_attempts", **where, client=client_of(visit.client_address))
        return made_wait(visit, error.wait)
    if isinstance(error, StoreUnavailable):
        log.error("store_unavailable", **where, problem=str(error))
        return unavailable(visit)
    log.error("endpoint_failed", **where, exc_info=error)
    return unexpected(visit)


@dataclass(slots=True)
class _Answer:
    """What goes out: with our headers, and without a body where only the head was asked for."""

    forward: Send
    head: bool
    started: bool = field(default=False)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            _complete(message)
        elif self.head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self.forward(message)


def _complete(message: MutableMapping[str, Any]) -> None:
    headers = MutableHeaders(raw=message.setdefault("headers", []))
    for name, value in (*answer_headers(), (INTERCEPTED, "true")):
        headers.setdefault(name, value)
