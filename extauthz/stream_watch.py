"""Watching over a stream that was let in: how long who opened it may go on."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from extauthz.services import Services
from session_store.repository import StoreUnavailable

LOOKS = 2
"""How often a session is looked at in the time within which its end has to be noticed."""


class Over(StrEnum):
    """Why a stream is closed, as logs have it."""

    SESSION_ENDED = "session-ended"
    TOKEN_ENDED = "token-ended"  # noqa: S105 - a word for logs
    STORE_AWAY = "store-away"


@dataclass(frozen=True, slots=True)
class Opened:
    """By whose right a stream was opened."""

    session_id: str = ""
    """The session in the store; empty where it was a token that no session stands for."""
    ends: datetime | None = None
    """When the token ends; None where it does not say, and for a session."""


NOBODY = Opened()
"""Nothing is known to end."""


async def until_over(services: Services, opened: Opened) -> Over:
    """Wait until who opened a stream may not go on with it; for ever where nothing is known to end.

    The end of a session is noticed within `stream_recheck`. While the store is away, a stream goes on for
    `store_grace`.
    """
    answered = services.clock()
    while True:
        model = services.current().model
        await asyncio.sleep((model.stream_recheck or model.cookie.expire).total_seconds() / LOOKS)
        now = services.clock()
        if opened.ends is not None and opened.ends <= now:
            return Over.TOKEN_ENDED
        if not opened.session_id:
            continue
        try:
            if await services.store.find_session(opened.session_id, now) is None:
                return Over.SESSION_ENDED
        except StoreUnavailable:
            if now - answered > model.store_grace:
                return Over.STORE_AWAY
        else:
            answered = now
