"""Ending sessions from another one of the same user: what is not theirs is never touched."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from extauthz.services import Current, Services
from session_store.records import KnownSession


async def end_one(
    services: Services, current: Current, known: KnownSession, session_id: str, now: datetime
) -> Sequence[KnownSession]:
    """End one session of the user of `known`; nothing happens for an id that is somebody else's, or nobody's."""
    named = await services.store.find_session(session_id, now)
    if named is None or (named.user.issuer, named.user.id) != (known.user.issuer, known.user.id):
        return ()
    ended = await services.store.end_session(session_id, now)
    return await _revoked(services, current, [ended] if ended else [])


async def end_others(
    services: Services, current: Current, known: KnownSession, now: datetime
) -> Sequence[KnownSession]:
    """End all sessions of the user of `known` but this one."""
    session = known.session
    ended = await services.store.end_sessions(session.issuer, now, user_id=session.user_id, spared=session.id)
    return await _revoked(services, current, ended)


async def _revoked(services: Services, current: Current, ended: Sequence[KnownSession]) -> Sequence[KnownSession]:
    """The same, their tokens revoked at the provider as far as it answers."""
    revoking = [
        services.provider.revoke(provider, known.session.tokens)
        for known in ended
        if (provider := current.model.provider_by_id(known.session.provider_id)) is not None
    ]
    await asyncio.gather(*revoking)
    return ended
