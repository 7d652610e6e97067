"""Envoy's external processing, of which we use one thing: a stream that lasts can be ended from here.

Envoy opens a call when a request on a watched route begins, and keeps it until the response is over. It is told to go
on; and when who opened the stream has signed out, to end it (`ImmediateResponse`, which resets a stream whose response
has begun). Headers and bodies are left alone. `Check` has said by whose right in dynamic metadata.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from envoy.service.ext_proc.v3 import external_processor_pb2 as external_processor
from google.protobuf.message import DecodeError
from grpc import aio

from extauthz.grpc_check.encode import ENDS, METADATA, SESSION
from extauthz.stream_watch import Opened, Over

METHOD = "/envoy.service.ext_proc.v3.ExternalProcessor/Process"
UNAUTHORIZED = 401

# xds-protos carries no types: these are upb message classes.
ProcessingRequest: Any = external_processor.ProcessingRequest
ProcessingResponse: Any = external_processor.ProcessingResponse

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WatchService:
    """The service as bytes in, bytes out."""

    until_over: Callable[[Opened], Awaitable[Over]]
    """Waits until a stream has to end."""

    async def process(self, _messages: object, call: Any) -> None:
        """Watch over one stream of Envoy's until it ends, by itself or because it has to."""
        first = await _read(call)
        if first is None:
            return
        opened = opened_by(first)
        await call.write(_go_on(first))
        answering = asyncio.ensure_future(_answer_the_rest(call))
        watching = asyncio.ensure_future(self.until_over(opened))
        try:
            await asyncio.wait({answering, watching}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done() and not answering.done():
                log.info("stream_closed", session=opened.session_id, reason=watching.result())
                await call.write(_end())
        finally:
            answering.cancel()
            watching.cancel()
            await asyncio.gather(answering, watching, return_exceptions=True)


def opened_by(request: Any) -> Opened:
    """What `Check` said when it let the stream in; nothing where it said nothing."""
    said = request.metadata_context.filter_metadata
    fields = said[METADATA].fields if METADATA in said else {}
    session = fields[SESSION].string_value if SESSION in fields else ""
    ends = datetime.fromtimestamp(fields[ENDS].number_value, UTC) if ENDS in fields else None
    return Opened(session, ends)


async def _answer_the_rest(call: Any) -> None:
    """Let trailers pass, until Envoy ends the call."""
    while (request := await _read(call)) is not None:
        await call.write(_go_on(request))


async def _read(call: Any) -> Any:
    data = await call.read()
    if data is aio.EOF:
        return None
    try:
        return ProcessingRequest.FromString(data)
    except DecodeError:
        return None


def _go_on(request: Any) -> bytes:
    response = ProcessingResponse()
    part = request.WhichOneof("request")
    if part is not None:
        getattr(response, part).SetInParent()
    return bytes(response.SerializeToString())


def _end() -> bytes:
    response = ProcessingResponse()
    response.immediate_response.status.code = UNAUTHORIZED
    response.immediate_response.details = "session_ended"
    return bytes(response.SerializeToString())
