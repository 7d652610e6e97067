"""No call outlasts its limit, not even when the driver below takes its time to give up."""

import asyncio
import time

import pytest

from session_store.repository import StoreUnavailable
from session_store.sql.errors import within


async def test_an_answer_is_passed_on() -> None:
    async def answer() -> int:
        return 1

    assert await within(1, answer()) == 1


async def test_a_driver_that_will_not_be_cancelled_is_not_waited_for() -> None:
    released, cleaned_up = asyncio.Event(), asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await released.wait()
            cleaned_up.set()
            raise OSError("too late to matter") from None

    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="did not answer within"):
        await within(0.05, stubborn())
    assert time.monotonic() - began < 1
    released.set()
    await cleaned_up.wait()


async def test_a_caller_that_goes_away_cancels_its_statement() -> None:
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    caller = asyncio.create_task(within(60, slow()))
    await began.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await cancelled.wait()


async def test_failures_of_the_operating_system_are_unavailability() -> None:
    async def failing() -> None:
        raise ConnectionResetError("peer reset")

    with pytest.raises(StoreUnavailable, match="peer reset"):
        await within(1, failing())


async def test_our_own_mistakes_are_not_dressed_up() -> None:
    async def mistaken() -> None:
        raise KeyError("column")

    with pytest.raises(KeyError):
        await within(1, mistaken())
