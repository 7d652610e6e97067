"""The one place where what the database raises, or fails to say, becomes what the contract promises."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from session_store.repository import StoreUnavailable

ANSWER_WITHIN_SECONDS = 5.0


Result = TypeVar("Result")
Given = ParamSpec("Given")

_late: set[asyncio.Task[Any]] = set()
"""Calls that were given up and still clean up behind themselves; the event loop alone would not keep them alive."""


def in_time(method: Callable[Given, Coroutine[Any, Any, Result]]) -> Callable[Given, Coroutine[Any, Any, Result]]:
    """Make a method answer within `ANSWER_WITHIN_SECONDS` or raise `StoreUnavailable`."""

    @wraps(method)
    async def bounded(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        return await within(ANSWER_WITHIN_SECONDS, method(*args, **kwargs))

    return bounded


async def within(seconds: float, answer: Coroutine[Any, Any, Result]) -> Result:
    """Await `answer` for so long; failures of the database come out as `StoreUnavailable`.

    What is late is cancelled but not waited for: a driver may take much longer to cancel a statement on a server that
    does not answer.
    """
    task = asyncio.ensure_future(answer)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        _give_up(task)
        raise
    if not done:
        _give_up(task)
        raise StoreUnavailable(f"the session store did not answer within {seconds:.0f} s")
    with translated():
        return task.result()


@contextmanager
def translated() -> Iterator[None]:
    """Turn every failure of the database into `StoreUnavailable`; the message carries no statement and no parameter."""
    try:
        yield
    # UnicodeError: text that is no Unicode (a lone surrogate out of a provider's JSON) and that no database takes
    except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError) as failure:
        raise StoreUnavailable(f"the session store cannot answer: {reason(failure)}") from failure


def _give_up(task: asyncio.Task[Any]) -> None:
    task.cancel()
    _late.add(task)
    task.add_done_callback(_forget)


def _forget(task: asyncio.Task[Any]) -> None:
    _late.discard(task)
    if not task.cancelled():
        task.exception()  # nobody waits for it any more


def reason(failure: BaseException) -> str:
    """What the database said, in one line, without the statement and its parameters."""
    cause = failure.orig if isinstance(failure, DBAPIError) and failure.orig else failure
    if isinstance(cause, UnicodeError):
        return "text that is not Unicode"  # its message would quote the text
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
