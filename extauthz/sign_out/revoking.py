"""Having identity providers revoke the tokens of many sessions that have ended (RFC 7009), as far as they answer."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from access_model.model import AccessModel
from extauthz.adapters.provider_client import ProviderClient
from extauthz.oidc.errors import OidcError
from session_store.records import KnownSession

AT_ONCE = 8
SECONDS = 20.0
"""How long all of it may take. The sessions are over in any case."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """What came of it."""

    revoked: int
    """Sessions whose tokens were revoked."""
    failed: int
    """Sessions whose provider should have revoked them, and did not."""
    problems: tuple[str, ...] = ()
    """Why, each reason once; sorted."""


async def revoke_tokens_of(
    client: ProviderClient, model: AccessModel, ended: Iterable[KnownSession], seconds: float = SECONDS
) -> Revocation:
    """Have the tokens of sessions revoked at their providers, where these are configured and can; never raises."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def revoke(known: KnownSession) -> bool | str:
        provider = model.provider_by_id(known.session.provider_id)
        if provider is None:
            return False
        async with turns:
            try:
                return await client.revoke_at_once(provider, known.session.tokens)
            except OidcError as failure:
                return str(failure)

    asking = [asyncio.create_task(revoke(known)) for known in ended]
    if not asking:
        return Revocation(0, 0)
    done, late = await asyncio.wait(asking, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    outcomes = [task.result() for task in done]
    problems = {each for each in outcomes if isinstance(each, str)}
    if late:
        problems.add(f"there was no time for {len(late)} of them")
    failed = sum(isinstance(each, str) for each in outcomes) + len(late)
    return Revocation(sum(each is True for each in outcomes), failed, tuple(sorted(problems)))
