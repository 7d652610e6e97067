"""The one place where what the database raises becomes what the contract promises."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from session_store.repository import StoreUnavailable

ANSWER_WITHIN_SECONDS = 5.0


@contextmanager
def translated() -> Iterator[None]:
    """Turn every failure of the database into `StoreUnavailable`; the message carries no statement and no parameter."""
    try:
        yield
    except TimeoutError as late:
        raise StoreUnavailable(f"the session store did not answer within {ANSWER_WITHIN_SECONDS:.0f} s") from late
    # UnicodeError: text that is no Unicode (a lone surrogate out of a provider's JSON) and that no database takes
    except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError) as failure:
        raise StoreUnavailable(f"the session store cannot answer: {reason(failure)}") from failure


@asynccontextmanager
async def bounded(seconds: float = ANSWER_WITHIN_SECONDS) -> AsyncIterator[None]:
    """Like `translated`, and nothing inside takes longer than `seconds`."""
    with translated():
        async with asyncio.timeout(seconds):
            yield


def reason(failure: BaseException) -> str:
    """What the database said, in one line, without the statement and its parameters."""
    cause = failure.orig if isinstance(failure, DBAPIError) and failure.orig else failure
    if isinstance(cause, UnicodeError):
        return "text that is not Unicode"  # its message would quote the text
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
