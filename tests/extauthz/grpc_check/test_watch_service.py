"""What Envoy hears about a stream that is watched: go on, let trailers pass, and the end."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from envoy.service.ext_proc.v3 import external_processor_pb2 as external_processor
from grpc import aio

from extauthz.grpc_check.watch_service import WatchService, opened_by
from extauthz.stream_watch import NOBODY, Opened, Over

ProcessingRequest: Any = external_processor.ProcessingRequest
ProcessingResponse: Any = external_processor.ProcessingResponse


class Call:
    """One call of Envoy's: what it sends, until it ends the call, and what it got."""

    def __init__(self, *requests: Any) -> None:
        self.coming: asyncio.Queue[Any] = asyncio.Queue()
        for request in requests:
            self.coming.put_nowait(request.SerializeToString())
        self.got: list[Any] = []

    async def read(self) -> Any:
        return await self.coming.get()

    async def write(self, data: bytes) -> None:
        self.got.append(ProcessingResponse.FromString(data))

    def end(self) -> None:
        self.coming.put_nowait(aio.EOF)

    def kinds(self) -> list[str]:
        return [answer.WhichOneof("response") for answer in self.got]


def beginning(**metadata: object) -> Any:
    request = ProcessingRequest()
    request.request_headers.end_of_stream = False
    request.metadata_context.filter_metadata["envoy.filters.http.ext_authz"].update(metadata)
    return request


def trailers() -> Any:
    request = ProcessingRequest()
    request.response_trailers.SetInParent()
    return request


async def never(_opened: Opened) -> Over:
    await asyncio.Event().wait()
    raise AssertionError


async def at_once(_opened: Opened) -> Over:
    return Over.SESSION_ENDED


async def test_a_stream_goes_on_and_its_trailers_pass() -> None:
    call = Call(beginning(session="s1"), trailers())
    call.end()
    async with asyncio.timeout(2):
        await WatchService(never).process(None, call)
    assert call.kinds() == ["request_headers", "response_trailers"]


async def test_a_stream_whose_session_is_over_is_ended() -> None:
    call = Call(beginning(session="s1"))
    async with asyncio.timeout(2):
        await WatchService(at_once).process(None, call)
    assert call.kinds() == ["request_headers", "immediate_response"]
    assert call.got[1].immediate_response.status.code == 401


@pytest.mark.parametrize("data", [b"\xff\xff", aio.EOF])
async def test_what_cannot_be_read_ends_the_call(data: Any) -> None:
    call = Call()
    call.coming.put_nowait(data)
    async with asyncio.timeout(2):
        await WatchService(never).process(None, call)
    assert call.got == []


async def test_a_call_that_envoy_breaks_off_leaves_nothing_behind() -> None:
    before = len(asyncio.all_tasks())
    task = asyncio.create_task(WatchService(never).process(None, Call(beginning(session="s1"))))
    await asyncio.wait({task}, timeout=0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(asyncio.all_tasks()) == before


def test_by_whose_right_it_was_opened() -> None:
    at = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert opened_by(beginning(session="s1")) == Opened("s1")
    assert opened_by(beginning(ends=at.timestamp())) == Opened(ends=at)
    assert opened_by(beginning()) == NOBODY
    assert opened_by(ProcessingRequest()) == NOBODY
