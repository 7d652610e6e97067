"""Finding out who asks: as much as the route needs, and no longer than it may take."""

import asyncio
from dataclasses import dataclass

import structlog

from access_model.model import Route
from extauthz.bearer import Demand, MalformedBearer, TokenRefused, read_bearer, session_of
from extauthz.check.case import Case
from extauthz.credentials import has_two_authorizations, read_credential
from extauthz.decide import Needs, RefusedFor, needs
from extauthz.known_sessions import find_known, record_use, up_to_date
from extauthz.services import Services
from extauthz.stream_watch import NOBODY, Opened
from session_store.records import KnownSession
from session_store.repository import StoreUnavailable

OPTIONAL_SECONDS = 1.0
"""How long a request waits for what it can do without."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about who asks."""

    known: KnownSession | None = None
    """The session, stored or of this request alone; None for a stranger."""
    fault: RefusedFor | None = None
    """What is wrong with the credentials themselves."""
    problem: str = ""
    """The fault in words for the operator's log."""
    opened: Opened = NOBODY
    """By whose right a stream would be opened."""


async def look_up(case: Case, route: Route, services: Services) -> Found:
    """Who asks: by bearer token where the route verifies those, else by session, as far as the route needs one.

    A bearer token is never made good by a session beside it. Raises `StoreUnavailable` and `ProviderUnavailable` where
    the decision depends on the answer.
    """
    headers = case.facts.headers
    if has_two_authorizations(headers):
        return Found(fault=RefusedFor.CONFLICTING_CREDENTIALS)
    bearer = read_bearer(headers, route)
    if bearer is None:
        known = await _session(case, route, services)
        return Found(known, opened=Opened(known.session.id) if known else NOBODY)
    if read_credential(headers, case.current.model.cookie) is not None:
        return Found(fault=RefusedFor.TWO_CREDENTIALS, problem="a bearer token and a credential of ours were presented")
    if isinstance(bearer, MalformedBearer):
        return Found(fault=RefusedFor.INVALID_TOKEN, problem="what stands behind `Bearer` cannot be a token")
    outcome = await services.bearer.verify(Demand.of(route, case.current.model), bearer)
    if isinstance(outcome, TokenRefused):
        return Found(fault=RefusedFor.INVALID_TOKEN, problem=f"{outcome.reason}: {outcome.detail}")
    known = session_of(outcome, bearer, case.now)
    return Found(known, opened=Opened(ends=known.session.expires))


async def _session(case: Case, route: Route, services: Services) -> KnownSession | None:
    """The session of a request, as far as its route needs one; None for a stranger.

    Raises `StoreUnavailable` where the decision depends on the answer. On a public route the store may fail or hang:
    the asker is a stranger then, whatever credential was presented.
    """
    need = needs(route)
    if need is Needs.NOTHING:
        return None
    credential = read_credential(case.facts.headers, case.current.model.cookie)
    finding = find_known(services, credential, case.facts.host, case.now)
    if need is Needs.SESSION:
        known = await finding
    else:
        try:
            async with asyncio.timeout(OPTIONAL_SECONDS):
                known = await finding
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("session_unknown", request_id=case.facts.request_id, route_id=route.id, reason=_reason(error))
            return None
    if known is None or not route.takes(known.session.provider_id):
        return None  # a stranger, or signed in, but not with whom this route takes
    await _touch(services, known, case)
    return await up_to_date(services, known, case.now)


async def _touch(services: Services, known: KnownSession, case: Case) -> None:
    """Record use; a store that cannot write now does not keep anybody out."""
    try:
        async with asyncio.timeout(OPTIONAL_SECONDS):
            await record_use(services, known, case.now)
    except (StoreUnavailable, TimeoutError) as error:
        log.warning("touch_failed", session=known.session.id, reason=_reason(error))


def _reason(error: Exception) -> str:
    return str(error) or "the session store does not answer in time"
