"""One renewal per session, however many ask; and what becomes of the session by what the provider answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from access_model.secret import Secret
from extauthz.adapters.provider_client import ProviderClient
from extauthz.oidc.claims import beyond, flatten
from extauthz.oidc.http import HttpRequest, HttpResponse
from extauthz.refresh.due import GRACE
from extauthz.refresh.renewals import Renewals
from extauthz.workers.lease import Lease
from extauthz.workers.renewal import CHORE, RenewalWorker
from session_store.memory import InMemoryStore
from session_store.records import KnownSession, Renewal, Session, Tokens, User
from session_store.repository import StoreUnavailable
from tests.extauthz.oidc.fake_provider import ISSUER, NOW, FakeProvider, claims, json_response, provider, token
from tests.session_store.samples import handle

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
USER = User(ISSUER, "alice", "alice@example.com", True, "Alice", {"groups": ("staff",)})
INVALID_GRANT = json_response({"error": "invalid_grant"}, 400)


class Store(InMemoryStore):
    """A store that can be away when a renewal is to be written."""

    failures = 0

    async def save_renewal(self, session: Session, user: User, now: datetime, until: datetime | None = None) -> bool:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("away")
        return await super().save_renewal(session, user, now, until)


class World:
    """Several processes' renewals around one store and one provider."""

    def __init__(self) -> None:
        self.now = NOW
        self.store = Store()
        self.provider = FakeProvider(id_token=token(claims(nonce=None, roles=["guest"])))
        self.clients: list[ProviderClient] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.one, self.other = self.process(), self.process()

    def process(self) -> Renewals:
        client = ProviderClient(lambda: self.now, httpx.MockTransport(self.answer))
        self.clients.append(client)
        return Renewals(self.store, client, lambda name: provider() if name == "main" else None, lambda: self.now)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if request.url.path == "/userinfo" and self.meanwhile:
            await self.meanwhile()
        answer = self.provider.answer(HttpRequest("POST" if request.method == "POST" else "GET", str(request.url)))
        return httpx.Response(answer.status, content=answer.body, headers={"content-type": answer.content_type})

    async def sign_in(self, **changed: object) -> KnownSession:
        """A session whose tokens are due, and end in a minute."""
        tokens = Tokens(Secret.of("old"), Secret.of("refresh-0"), Secret.of(token(claims())), NOW + MINUTE)
        told = {"sub": ("alice",), "acr": ("2",), "roles": ("admin",)}
        made = Session(
            "session-s1", "alice", ISSUER, "main", NOW, NOW, NOW + 8 * HOUR, told,
            tokens=tokens, renewal=Renewal(NOW, NOW + HOUR),
        )  # fmt: skip
        made = replace(made, **changed)  # type: ignore[arg-type]
        await self.store.save_sign_in(made, USER, handle())
        return KnownSession(made, USER)

    async def kept(self) -> KnownSession | None:
        return await self.store.find_session("session-s1", self.now)

    def redeemed(self) -> int:
        return self.provider.asked.count("POST /token")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    for client in made.clients:
        await client.aclose()


async def test_two_hundred_requests_in_two_processes_renew_once(world: World) -> None:
    known = await world.sign_in()
    world.now = NOW + MINUTE  # late: everyone waits
    asked = [process.current(known, world.now) for process in (world.one, world.other) for _ in range(100)]
    answers = await asyncio.gather(*asked)
    assert world.redeemed() == 1
    assert {answer.session.tokens.access_token for answer in answers if answer} == {Secret.of("access-1")}
    assert None not in answers


async def test_new_tokens_claims_and_profile_are_kept(world: World) -> None:
    await world.sign_in()
    await world.one.renew("session-s1")
    kept = await world.kept()
    assert kept
    assert kept.session.tokens.refresh_token == Secret.of("refresh-1")
    assert kept.session.claims["roles"] == ("guest",)
    assert kept.session.claims["acr"] == ("2",)  # how the user signed in does not change
    assert "groups" not in kept.user.claims
    assert kept.session.renewal == Renewal(NOW + 4 * MINUTE, NOW + 10 * MINUTE)
    assert {change.subject for change in await world.store.changes_since(0)} == {"session-s1"}


async def test_without_a_new_id_token_the_profile_says_what_has_changed(world: World) -> None:
    told = {"sub": ("alice",), "acr": ("2",), "groups": ("staff",), "roles": ("admin",)}
    await world.sign_in(claims=beyond(USER.claims, told))
    answer = {"token_type": "Bearer", "access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 300}
    world.provider.documents["/token"] = json_response(answer)
    for profile in ({"groups": ["staff", "ops"]}, {}):
        world.provider.documents["/userinfo"] = json_response({"sub": "alice", **profile})
        await world.one.renew("session-s1")
        kept = await world.kept()
        assert kept
        assert dict(kept.session.claims) == {"sub": ("alice",), "acr": ("2",), "roles": ("admin",)}
        assert dict(kept.user.claims) == flatten({"sub": "alice", **profile})
        world.now += HOUR


async def test_between_new_tokens_and_profile_nobody_else_begins(world: World) -> None:
    await world.sign_in()
    claims_of_others = []

    async def another_process() -> None:
        claims_of_others.append(await world.store.claim_renewal("session-s1", world.now, world.now + MINUTE))

    world.meanwhile = another_process
    await world.one.renew("session-s1")
    assert claims_of_others == [None]


async def test_what_is_only_due_keeps_no_request_waiting(world: World) -> None:
    known = await world.sign_in()
    assert await world.one.current(known, NOW) == known
    await world.one.renew("session-s1")
    assert world.redeemed() == 1


async def test_an_invalid_grant_ends_the_session(world: World) -> None:
    known = await world.sign_in()
    world.provider.documents["/token"] = INVALID_GRANT
    world.now = NOW + MINUTE
    assert await world.one.current(known, world.now) is None
    assert await world.kept() is None
    assert [change.kind for change in await world.store.changes_since(0)] == ["session_revoked"]


async def test_a_provider_in_trouble_is_asked_again_later_and_the_session_goes_on(world: World) -> None:
    known = await world.sign_in()
    world.provider.documents["/token"] = HttpResponse(503)
    world.now = NOW + MINUTE
    kept = await world.one.current(known, world.now)
    assert kept
    assert kept.session.renewal == Renewal(world.now + 5 * SECOND, NOW + HOUR, 1)
    assert kept.session.tokens.refresh_token == Secret.of("refresh-0")
    await world.one.renew("session-s1")
    assert world.redeemed() == 1  # not due yet
    world.now += 5 * SECOND
    del world.provider.documents["/token"]
    await world.one.renew("session-s1")
    kept = await world.kept()
    assert kept
    assert kept.session.renewal.failures == 0


async def test_behind_the_grace_it_ends(world: World) -> None:
    known = await world.sign_in()
    world.provider.documents["/token"] = HttpResponse(503)
    world.now = NOW + MINUTE + GRACE
    assert await world.one.current(known, world.now) is None
    assert await world.kept() is None


async def test_a_profile_that_cannot_be_had_loses_no_tokens(world: World) -> None:
    await world.sign_in()
    world.provider.documents["/userinfo"] = HttpResponse(502)
    await world.one.renew("session-s1")
    kept = await world.kept()
    assert kept
    assert kept.session.tokens.refresh_token == Secret.of("refresh-1")
    assert kept.user == USER
    assert kept.session.renewal.profile_due == NOW + 5 * SECOND


async def test_a_refused_access_token_is_traded_in_before_its_time(world: World) -> None:
    await world.sign_in(renewal=Renewal(NOW + HOUR, NOW))
    world.provider.documents |= {"/userinfo": HttpResponse(401), "/token": INVALID_GRANT}
    await world.one.renew("session-s1")
    assert world.redeemed() == 1
    assert await world.kept() is None


async def test_a_refused_access_token_alone_ends_the_session(world: World) -> None:
    tokens = Tokens(Secret.of("old"), None, None, NOW + HOUR)
    await world.sign_in(tokens=tokens, renewal=Renewal(None, NOW))
    world.provider.documents["/userinfo"] = HttpResponse(401)
    await world.one.renew("session-s1")
    assert await world.kept() is None


async def test_what_was_obtained_is_written_when_the_store_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extauthz.refresh.renewals.SAVE_PAUSE", 0)
    await world.sign_in()
    world.store.failures = 5
    await world.one.renew("session-s1")
    kept = await world.kept()
    assert kept
    assert kept.session.tokens.refresh_token == Secret.of("refresh-1")
    assert world.redeemed() == 1


async def test_a_provider_that_is_configured_no_longer_is_not_asked(world: World) -> None:
    await world.sign_in(provider_id="gone")
    await world.one.renew("session-s1")
    kept = await world.kept()
    assert kept
    assert kept.session.renewal == Renewal(NOW + 10 * MINUTE, NOW + 10 * MINUTE)
    assert world.provider.asked == []


async def test_a_renewal_under_way_comes_to_its_end_before_a_stop(world: World) -> None:
    known = await world.sign_in()
    assert await world.one.current(known, NOW) == known  # it goes on in the background
    await world.one.settle()
    kept = await world.kept()
    assert kept
    assert kept.session.tokens.refresh_token == Secret.of("refresh-1")


async def test_of_two_workers_one_works(world: World) -> None:
    await world.sign_in()
    one, other = (
        RenewalWorker(world.store, renewals, Lease(world.store, CHORE, name, lambda: world.now), lambda: world.now)
        for renewals, name in ((world.one, "one"), (world.other, "other"))
    )
    assert await one.round() == 1
    await world.sign_in()
    assert await other.round() == 0
    world.now = NOW + MINUTE
    assert await other.round() == 1
    assert world.redeemed() == 2
