"""Looking sessions up: what this process remembers first, then the store."""

from datetime import datetime, timedelta

from extauthz.credentials import Credential, Presented
from extauthz.programs.service_account import SERVICE_ACCOUNT
from extauthz.refresh.due import is_beyond_grace
from extauthz.services import Services
from extauthz.session_cookie import token_hash
from session_store.records import KnownSession
from session_store.repository import StoreUnavailable

TOUCH_EVERY = timedelta(minutes=1)


async def find_known(services: Services, credential: Credential, host: str, now: datetime) -> KnownSession | None:
    """The session that a credential opens on a folded host; None for a stranger.

    While the store is away, what is remembered stands in for `store_grace`; then this raises `StoreUnavailable`.
    """
    if not isinstance(credential, Presented):
        return None
    memory, grace = services.memory, services.current().model.store_grace
    hashed = token_hash(credential.token.reveal_text())
    remembered = memory.recall(hashed, host, now)
    if remembered and memory.believed(now, grace):
        return remembered
    forgotten = memory.forgotten
    try:
        known = await services.store.find_by_handle(hashed, host, now)
    except StoreUnavailable:
        # what was forgotten while the store was asked does not come back
        remembered = memory.recall(hashed, host, now)
        if remembered and memory.excused(now, grace):
            return remembered
        raise
    if known is not None:
        memory.remember(hashed, host, known, forgotten)
    return known


async def up_to_date(services: Services, known: KnownSession, now: datetime) -> KnownSession | None:
    """The session to decide with, its tokens and profile renewed where they are too old; None when it has ended."""
    if services.memory.store_away:
        return None if is_beyond_grace(known.session, now) else known
    return await services.renewals.current(known, now)


async def record_use(services: Services, known: KnownSession, now: datetime) -> None:
    """Put the idle end off, once a minute; to a store that is known to be away nothing is written.

    Raises `StoreUnavailable`.
    """
    # the operator said when a service account ends, and a program may be at rest for long
    idle = None if known.session.provider_id == SERVICE_ACCOUNT else services.current().model.idle_timeout
    if now - known.session.last_seen < _pause(idle):
        return
    idle_end = None if idle is None else now + idle
    services.memory.seen(known.session.id, now, idle_end)
    if not services.memory.store_away:
        await services.store.touch(known.session.id, now, idle_end)


def _pause(idle: timedelta | None) -> timedelta:
    """How long after a use the next one need not be written down."""
    return TOUCH_EVERY if idle is None else min(TOUCH_EVERY, idle / 4)
