"""Verifying bearer tokens: what is remembered first, then the provider, asked once however many requests wait."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from access_model.bearer import TokenIssuer
from access_model.secret import Secret
from extauthz.adapters.provider_client import ProviderClient
from extauthz.bearer.demand import Demand, Verifier
from extauthz.bearer.provider_gate import ProviderGate
from extauthz.bearer.remembered import Outcome, RememberedTokens, TokenRefused
from extauthz.oidc.errors import NotAsked, NotTrusted, ProviderSilent, ProviderUnavailable, Reason
from extauthz.oidc.vouched import Vouched, is_tokens_fault
from extauthz.session_cookie import token_hash

ANSWER_SECONDS = 3.0
"""How long a provider may take; less than `Check` may."""
MAX_DETAIL = 500

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class BearerTokens:
    """One for the process."""

    provider: ProviderClient
    """Speaks to identity providers."""
    clock: Callable[[], datetime]
    """Now, with zone UTC."""
    remembered: RememberedTokens = field(default_factory=RememberedTokens)
    """What is known of tokens."""
    _gates: dict[Hashable, ProviderGate] = field(default_factory=dict, repr=False)
    _under_way: dict[Hashable, asyncio.Task[Outcome]] = field(default_factory=dict, repr=False)

    async def verify(self, demand: Demand, token: Secret) -> Vouched | TokenRefused:
        """Whom a token speaks for, or why it opens nothing; raises `ProviderUnavailable` where nobody can tell."""
        verifier = demand.verifier(token)
        if verifier is None:
            return TokenRefused(Reason.ID_TOKEN_ISSUER, "the token is of nobody whose tokens count on this route")
        key = (token_hash(token.reveal_text()), demand.key(verifier))
        outcome = self.remembered.recall(key, self.clock()) or await self._found_out(key, verifier, demand, token)
        if isinstance(outcome, ProviderUnavailable):
            raise ProviderUnavailable(str(outcome))
        return outcome

    async def _found_out(self, key: Hashable, verifier: Verifier, demand: Demand, token: Secret) -> Outcome:
        """Ask, or wait for the answer that another request waits for. A request that goes away takes nothing along."""
        if key not in self._under_way:
            gate = self._gates.setdefault(demand.key(verifier), ProviderGate())
            entered = gate.enter(self.clock())
            task = asyncio.create_task(self._ask(key, gate, entered, lambda: self._vouched(verifier, demand, token)))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(self._under_way[key])

    async def _ask(
        self, key: Hashable, gate: ProviderGate, entered: int, question: Callable[[], Awaitable[Vouched]]
    ) -> Outcome:
        """Put the question when its turn comes, and remember what came of it."""
        asked: datetime | None = None
        try:
            async with asyncio.timeout(ANSWER_SECONDS), gate.turns:
                asked = self.clock()
                gate.check_turn(entered)
                outcome: Outcome = await question()
        except TimeoutError:
            outcome = _late(had_its_turn=asked is not None)
        except ProviderUnavailable as failure:
            outcome = failure
        except NotTrusted as refused:
            outcome = _refusal(refused)
        finally:
            gate.leave()
        if isinstance(outcome, ProviderSilent):
            gate.silent(self.clock())
        elif not isinstance(outcome, NotAsked):
            gate.answered()
        self.remembered.remember(key, outcome, asked or self.clock())
        return outcome

    async def _vouched(self, verifier: Verifier, demand: Demand, token: Secret) -> Vouched:
        if isinstance(verifier, TokenIssuer):
            return await self.provider.verify_issued(verifier, token)
        if demand.format == "idp_identity_token":
            return await self.provider.verify_identity_token(verifier, token)
        return await self.provider.verify_access_token(verifier, token, demand.audiences)


def _late(*, had_its_turn: bool) -> ProviderUnavailable:
    if had_its_turn:
        return ProviderSilent(f"the provider did not answer within {ANSWER_SECONDS:g} s")
    return NotAsked("too many bearer tokens are being verified at once")


def _refusal(refused: NotTrusted) -> TokenRefused | ProviderUnavailable:
    """What a refusal means: nothing is held against a token where the fault is the provider's, or ours."""
    detail = str(refused)[:MAX_DETAIL]
    if is_tokens_fault(refused):
        return TokenRefused(refused.reason, detail)
    log.error("bearer_tokens_not_verified", reason=str(refused.reason), detail=detail, meaning="they are refused (503)")
    return ProviderUnavailable(detail)
