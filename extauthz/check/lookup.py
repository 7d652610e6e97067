"""Finding out who asks: as much as the route needs, and no longer than it may take."""

import asyncio
from datetime import datetime, timedelta

import structlog

from access_model.model import Route
from extauthz.check.case import Case
from extauthz.credentials import find_session, read_credential
from extauthz.decide import Needs, needs
from session_store.records import KnownSession
from session_store.repository import SessionStore, StoreUnavailable

OPTIONAL_SECONDS = 1.0
"""How long a request waits for what it can do without."""
TOUCH_EVERY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


async def look_up(case: Case, route: Route, store: SessionStore) -> KnownSession | None:
    """The session of a request, as far as its route needs one; None for a stranger.

    Raises `StoreUnavailable` where the decision depends on the answer. On a public route the store may fail or hang:
    the asker is a stranger then, whatever credential was presented.
    """
    need = needs(route)
    if need is Needs.NOTHING:
        return None
    credential = read_credential(case.facts.headers, case.current.model.cookie)
    finding = find_session(store, credential, case.facts.host, case.now)
    if need is Needs.SESSION:
        known = await finding
    else:
        try:
            async with asyncio.timeout(OPTIONAL_SECONDS):
                known = await finding
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("session_unknown", request_id=case.facts.request_id, route_id=route.id, reason=_reason(error))
            return None
    if known is not None and not route.takes(known.session.provider_id):
        return None  # signed in, but not with whom this route takes
    if known is not None:
        await _touch(store, known, case.now)
    return known


async def _touch(store: SessionStore, known: KnownSession, now: datetime) -> None:
    """Record use, once a minute; a store that cannot write now does not keep anybody out."""
    if now - known.session.last_seen < TOUCH_EVERY:
        return
    try:
        async with asyncio.timeout(OPTIONAL_SECONDS):
            await store.touch(known.session.id, now)
    except (StoreUnavailable, TimeoutError) as error:
        log.warning("touch_failed", session=known.session.id, reason=_reason(error))


def _reason(error: Exception) -> str:
    return str(error) or "the session store does not answer in time"
