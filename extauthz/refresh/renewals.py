"""Renewing sessions: by one process at a time, whether a request needs it now or a worker sees it coming."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from access_model.model import IdentityProvider
from extauthz.adapters.provider_client import ProviderClient
from extauthz.oidc.errors import AccessTokenRefused, NotTrusted, OidcError
from extauthz.oidc.refresh import RefreshRefused
from extauthz.refresh import due
from extauthz.refresh.renewed import with_profile, with_tokens
from session_store.records import KnownSession, Renewal, Session
from session_store.repository import SessionStore, StoreUnavailable

LEASE = timedelta(minutes=2)
"""How long one process has the sole right to renew; longer than a provider and a store may take together."""
SAVE_PAUSE = 0.5
PATIENCE = 2.5
"""Seconds that a request waits; less than `Check` may take."""
SETTLE_SECONDS = 5
LOOK_AGAIN = 0.1
"""Seconds between two looks at what another process is renewing."""
UNCONFIGURED = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class NotRenewed(Exception):
    """Another process has the right to renew, and has not come to an end in time."""


@dataclass(slots=True)
class Renewals:
    """One for the process. Renews each session once at a time, however many ask."""

    store: SessionStore
    """Sessions, and who may renew which."""
    provider: ProviderClient
    """Speaks to identity providers."""
    find_provider: Callable[[str], IdentityProvider | None]
    """The provider with this id, as configured now."""
    clock: Callable[[], datetime]
    """Now, with zone UTC."""
    _under_way: dict[str, asyncio.Task[KnownSession | None]] = field(default_factory=dict, repr=False)

    async def current(self, known: KnownSession, now: datetime) -> KnownSession | None:
        """The session to decide with; None when it has ended.

        What is due soon is renewed in the background. What is late is waited for; where that takes too long, or fails
        for now, the session goes on as it is, for as long as `due.GRACE` allows.
        """
        if not due.is_due(known.session, now):
            return known
        renewing = self._start(known.session.id)
        if not due.is_late(known.session, now):
            return known
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(renewing)
        except (TimeoutError, StoreUnavailable, NotRenewed):
            return None if due.is_beyond_grace(known.session, now) else known

    async def renew(self, session_id: str) -> None:
        """Renew a session unless somebody else does; what fails is logged and tried again later. For workers."""
        try:
            await asyncio.shield(self._start(session_id))
        except (StoreUnavailable, NotRenewed) as error:
            log.info("session_not_renewed", session=session_id, reason=str(error))

    async def settle(self) -> None:
        """Let what is under way come to its end, for a few seconds: a new refresh token must not get lost at a stop."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=SETTLE_SECONDS)

    def _start(self, session_id: str) -> asyncio.Task[KnownSession | None]:
        if session_id not in self._under_way:
            task = asyncio.create_task(self._renew(session_id))
            self._under_way[session_id] = task
            task.add_done_callback(lambda done: self._finished(session_id, done))
        return self._under_way[session_id]

    def _finished(self, session_id: str, task: asyncio.Task[KnownSession | None]) -> None:
        del self._under_way[session_id]
        failure = None if task.cancelled() else task.exception()
        if failure is not None and not isinstance(failure, StoreUnavailable | NotRenewed):
            log.error("renewal_failed", session=session_id, exc_info=failure)

    async def _renew(self, session_id: str) -> KnownSession | None:
        now = self.clock()
        claimed = await self.store.claim_renewal(session_id, now, now + LEASE)
        if claimed is None:
            return await self._renewed_elsewhere(session_id)
        provider = self.find_provider(claimed.session.provider_id)
        if provider is None:
            return await self._put_off(claimed, now + UNCONFIGURED)
        try:
            return await self._ask(provider, claimed)
        except OidcError as failure:
            return await self._failed(claimed.session.id, failure)

    async def _renewed_elsewhere(self, session_id: str) -> KnownSession | None:
        """What another process made of the session. Raises `NotRenewed`."""
        last_look = self.clock() + timedelta(seconds=PATIENCE)
        while (known := await self.store.find_session(session_id, self.clock())) is not None:
            if not due.is_due(known.session, self.clock()):
                return known
            if self.clock() >= last_look:
                raise NotRenewed("another process is renewing this session")
            await asyncio.sleep(LOOK_AGAIN)
        return None

    async def _ask(self, provider: IdentityProvider, known: KnownSession) -> KnownSession | None:
        """Ask for what is due. Raises `OidcError`, behind what was obtained until then."""
        refreshed = due.tokens_are_due(known.session, self.clock())
        if refreshed:
            renewed = await self._new_tokens(provider, known)
            if renewed is None:
                return None
            known = renewed
        try:
            return await self._new_profile(provider, known)
        except AccessTokenRefused:
            if refreshed:
                raise
            if known.session.tokens.refresh_token is None:
                await self._end(known.session, "the provider takes this session's access token no longer")
                return None
        renewed = await self._new_tokens(provider, known)
        return renewed and await self._new_profile(provider, renewed)

    async def _new_tokens(self, provider: IdentityProvider, known: KnownSession) -> KnownSession | None:
        outcome = await self.provider.refresh_tokens(provider, known.session.tokens)
        if isinstance(outcome, RefreshRefused):
            await self._end(known.session, outcome.detail)
            return None
        # written at once: the provider may already take the old refresh token no longer
        return await self._save(with_tokens(known, outcome, self.clock()), goes_on=True)

    async def _new_profile(self, provider: IdentityProvider, known: KnownSession) -> KnownSession | None:
        access_token = known.session.tokens.access_token
        profile = None
        if access_token is not None:
            claims = {**known.user.claims, **known.session.claims}
            profile = await self.provider.renew_profile(provider, access_token, claims)
        return await self._save(with_profile(known, profile, self.clock()))

    async def _failed(self, session_id: str, failure: OidcError) -> KnownSession | None:
        """Try again later, unless that has gone on for too long."""
        now = self.clock()
        known = await self.store.find_session(session_id, now)
        if known is None:
            return None
        if due.is_beyond_grace(known.session, now):
            await self._end(known.session, f"its tokens have ended, and could not be renewed: {failure}")
            return None
        report = log.error if isinstance(failure, NotTrusted) else log.warning
        meaning = "the session goes on for now; it is tried again"
        report("renewal_put_off", session=session_id, reason=str(failure), code=failure.code, meaning=meaning)
        return await self._save(_with(known, due.put_off(known.session.renewal, now)))

    async def _put_off(self, known: KnownSession, until: datetime) -> KnownSession | None:
        renewal = known.session.renewal
        later = Renewal(renewal.tokens_due and until, renewal.profile_due and until, renewal.failures)
        return await self._save(_with(known, later))

    async def _end(self, session: Session, reason: str) -> None:
        log.info("session_ended", session=session.id, user=session.user_id, reason=reason)
        await self.store.end_session(session.id, self.clock())

    async def _save(self, known: KnownSession, *, goes_on: bool = False) -> KnownSession | None:
        """Write what was obtained, again and again for as long as nobody else may renew; None where it has ended."""
        last_try = self.clock() + LEASE * 0.75
        while True:
            now = self.clock()
            try:
                saved = await self.store.save_renewal(known.session, known.user, now, now + LEASE if goes_on else None)
                break
            except StoreUnavailable:
                if now >= last_try:
                    raise
                await asyncio.sleep(SAVE_PAUSE)
        if not saved:
            return await self.store.find_session(known.session.id, self.clock())
        return replace(known, session=replace(known.session, version=known.session.version + 1))


def _with(known: KnownSession, renewal: Renewal) -> KnownSession:
    return replace(known, session=replace(known.session, renewal=renewal))
