"""One request: which route, who asks, may they, and what goes back. Nothing but `Allowed` lets a request pass."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from access_model.model import Route
from extauthz.check.answer import Answer
from extauthz.check.case import Case
from extauthz.check.client import Client
from extauthz.check.decision_log import Settled, log_decision
from extauthz.check.lookup import look_up
from extauthz.check.malformed import Malformed
from extauthz.check.own_application import OwnApplication
from extauthz.check.token_guard import TokenGuard
from extauthz.check.turn_away import turn_away
from extauthz.check.upstream_headers import pass_on
from extauthz.credentials import identity_of
from extauthz.decide import Allowed, Known, Question, Refused, RefusedFor, choose_route, decide
from extauthz.oidc.errors import ProviderUnavailable
from extauthz.own_endpoints import own_path_at
from extauthz.pages import Pages, new_nonce
from extauthz.refusals import bad_request, too_many_attempts, unavailable
from extauthz.services import Current, Services
from session_store.repository import StoreUnavailable

DEADLINE_SECONDS = 4.0
"""Less than Envoy waits, so that the answer is ours."""
REQUEST_ID_BYTES = 16

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """The use case. Built once; every call takes one view of the configuration."""

    services: Services
    """The effects."""
    pages: Pages
    """The templates."""
    application: Any
    """The ASGI application of our own endpoints."""

    async def __call__(self, asked: Question | Malformed) -> Answer:
        """Answer one request. Whatever fails, it is refused with 503; nothing is raised."""
        began = time.perf_counter()
        asked = self._identified(asked)
        fields: tuple[str, ...] = ()
        try:
            current = self.services.current()
            fields = current.model.decision_log_fields
            settled = await self._settle(asked, current)
        except Exception as error:  # the last door: behind it is only Envoy's own 503
            settled = self._cannot_tell(asked, error)
        log_decision(asked, settled, (time.perf_counter() - began) * 1000, fields)
        return settled.answer

    async def _settle(self, asked: Question | Malformed, current: Current) -> Settled:
        if isinstance(asked, Malformed):
            return self._malformed(asked)
        if asked.route_id is None:
            path = own_path_at(current.model, asked.facts.host, asked.facts.raw_path)
            if path is not None:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    return Settled(await OwnApplication(self.application).answer(asked, path), None)
        now = self.services.clock()
        facts = self.services.certificates.applied(asked.facts, current.model, now)
        case = Case(replace(asked, facts=facts), current, now, self.services.entropy)
        route = choose_route(case.question, current.model)
        if isinstance(route, Refused):
            return Settled(turn_away(case, self.pages, route), route)
        guard = TokenGuard(self.services.limits, case, route)
        if (wait := guard.wait()) is not None:
            return self._made_wait(case, wait, route)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                settled = await self._judge(case, route)
        except Exception as error:  # here the line can tell the route; of the token nothing was learnt
            return self._cannot_tell(asked, error, route)
        guard.note(settled)
        return settled

    async def _judge(self, case: Case, route: Route) -> Settled:
        found = await look_up(case, route, self.services)
        known, data = found.known, case.current.data
        identity = identity_of(known, data.directory) if known else None
        decision = decide(case.facts, route, Known(identity, found.fault, found.problem, data.records), case.now)
        answer: Answer
        if isinstance(decision, Allowed):
            answer = replace(pass_on(case, route, known), opened=found.opened)
        else:
            answer = turn_away(case, self.pages, decision)
        return Settled(answer, decision, identity)

    def _made_wait(self, case: Case, wait: timedelta, route: Route) -> Settled:
        page = Client.of(case.question).refused(self.pages, too_many_attempts(wait), self._nonce())
        return Settled(page, Refused(RefusedFor.TOO_MANY_ATTEMPTS, route))

    def _malformed(self, asked: Malformed) -> Settled:
        page = Client.of(asked).refused(self.pages, bad_request(asked.problem), self._nonce())
        return Settled(page, Refused(RefusedFor.BAD_REQUEST, problem=asked.problem))

    def _cannot_tell(self, asked: Question | Malformed, error: Exception, route: Route | None = None) -> Settled:
        if not isinstance(error, StoreUnavailable | ProviderUnavailable | TimeoutError):
            log.error("check_failed", request_id=Client.of(asked).request_id, exc_info=error)
        page = Client.of(asked).refused(self.pages, unavailable(), self._nonce())
        problem = str(error) or f"no decision within {DEADLINE_SECONDS:g} s"
        return Settled(page, Refused(RefusedFor.UNAVAILABLE, route, problem=problem))

    def _identified(self, asked: Question | Malformed) -> Question | Malformed:
        """The request with an id, ours where Envoy sent none."""
        if Client.of(asked).request_id:
            return asked
        fresh = self.services.entropy(REQUEST_ID_BYTES).hex()
        if isinstance(asked, Malformed):
            return replace(asked, request_id=fresh)
        return replace(asked, facts=replace(asked.facts, request_id=fresh))

    def _nonce(self) -> str:
        return new_nonce(self.services.entropy)
