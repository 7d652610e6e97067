import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from access_model.secret import Secret
from extauthz.adapters import provider_client
from extauthz.adapters.provider_client import ProviderClient
from extauthz.sign_out.revoking import AT_ONCE, Revocation, revoke_tokens_of
from session_store.records import KnownSession, Session, Tokens, User
from tests.extauthz.check.world import MODEL
from tests.extauthz.oidc.fake_provider import ISSUER, NOW, discovery, provider


@dataclass
class Site:
    """A provider that counts what it is asked to revoke."""

    status: int = 200
    hangs: bool = False
    revoked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/revoke":
            return httpx.Response(200, json=discovery())
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(3600 if self.hangs else 0)
        self.at_once -= 1
        self.revoked += parse_qs(request.content.decode())["token"]
        return httpx.Response(self.status)


def session(number: int, provider_id: str = "main", *, refreshes: bool = True) -> KnownSession:
    user = User(ISSUER, "alice")
    refresh_token = Secret.of(f"refresh-{number}") if refreshes else None
    tokens = Tokens(Secret.of(f"access-{number}"), refresh_token)
    made = Session(f"s{number}", user.id, ISSUER, provider_id, NOW, NOW, NOW + timedelta(hours=1), {}, tokens=tokens)
    return KnownSession(made, user)


async def revoke(site: Site, *ended: KnownSession, seconds: float = 5) -> Revocation:
    client = ProviderClient(lambda: NOW, httpx.MockTransport(site))
    try:
        return await revoke_tokens_of(client, replace(MODEL, provider=provider()), ended, seconds)
    finally:
        await client.aclose()


async def test_both_tokens_of_every_session_are_revoked() -> None:
    site = Site()
    assert await revoke(site, session(1), session(2, refreshes=False)) == Revocation(2, 0)
    assert sorted(site.revoked) == ["access-1", "access-2", "refresh-1"]


async def test_what_no_provider_gave_is_nobodys_to_revoke() -> None:
    assert await revoke(Site(), session(1, "service-account"), session(2, "gone")) == Revocation(0, 0)
    assert await revoke(Site()) == Revocation(0, 0)


async def test_a_provider_is_not_overrun() -> None:
    site = Site()
    assert (await revoke(site, *map(session, range(100)))).revoked == 100
    assert site.most_at_once == AT_ONCE


async def test_a_refusal_is_told_once() -> None:
    outcome = await revoke(Site(status=401), *map(session, range(5)))
    assert (outcome.revoked, outcome.failed, len(outcome.problems)) == (0, 5, 1)
    assert "401" in outcome.problems[0]


async def test_a_provider_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = await revoke(Site(hangs=True), *map(session, range(20)), seconds=0.05)
    assert (outcome.revoked, outcome.failed, outcome.problems) == (0, 20, ("there was no time for 20 of them",))
    monkeypatch.setattr(provider_client, "SIGN_OUT_SECONDS", 0.01)
    outcome = await revoke(Site(hangs=True), *map(session, range(20)))
    assert (outcome.revoked, outcome.failed, len(outcome.problems)) == (0, 20, 1)
