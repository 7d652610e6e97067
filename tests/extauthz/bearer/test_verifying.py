"""Verifying bearer tokens against a provider that counts what it is asked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from access_model.bearer import TokenIssuer
from access_model.model import IdentityProvider
from access_model.secret import Secret
from extauthz.adapters.provider_client import ProviderClient
from extauthz.bearer import BearerTokens, Demand, TokenRefused, verifying
from extauthz.bearer.provider_gate import AT_ONCE, WAITING
from extauthz.bearer.remembered import FAILED_FOR, GOOD_FOR, REFUSED_FOR
from extauthz.oidc.errors import ProviderUnavailable, Reason
from extauthz.oidc.vouched import Vouched
from tests.extauthz.oidc.fake_provider import CLIENT_ID, ISSUER, JWKS, NOW, claims, discovery, provider, token

Handler = Callable[[str], httpx.Response]
MOMENT = int(NOW.timestamp())
CI = TokenIssuer("ci", ISSUER, f"{ISSUER}/jwks", ("api",))


@dataclass
class Site:
    """A provider whose users are named by their tokens: `alice-1` is a token of alice."""

    introspect: Handler | None = None
    introspected: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    fetched: list[str] = field(default_factory=list)
    hold: asyncio.Event | None = None

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/introspect":
            self.fetched.append(request.url.path)
            documents = {"/jwks": JWKS, "/.well-known/openid-configuration": DISCOVERY}
            return httpx.Response(200, json=documents[request.url.path])
        (asked,) = parse_qs(request.content.decode())["token"]
        self.introspected.append(asked)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            if self.hold is not None:
                await self.hold.wait()
            return (self.introspect or active)(asked)
        finally:
            self.at_once -= 1


DISCOVERY = discovery(introspection_endpoint=f"{ISSUER}/introspect", userinfo_endpoint=None)


def active(asked: str) -> httpx.Response:
    user = asked.partition("-")[0]
    answer = {"active": True, "sub": user, "client_id": CLIENT_ID, "token_type": "Bearer", "exp": MOMENT + 300}
    return httpx.Response(200, json=answer)


def inactive(_: str) -> httpx.Response:
    return httpx.Response(200, json={"active": False})


def away(_: str) -> httpx.Response:
    raise httpx.ConnectError("refused")


def stumbling(_: str) -> httpx.Response:
    return httpx.Response(500)


@dataclass
class World:
    """The service, its provider, and a clock that is wound by hand."""

    site: Site = field(default_factory=Site)
    now: datetime = NOW
    tokens: BearerTokens = field(init=False)

    def __post_init__(self) -> None:
        client = ProviderClient(lambda: self.now, httpx.MockTransport(self.site))
        self.tokens = BearerTokens(client, lambda: self.now)

    async def verify(self, text: str, demand: Demand | None = None) -> Vouched | TokenRefused:
        return await self.tokens.verify(demand or access(), Secret.of(text))

    async def user(self, text: str, demand: Demand | None = None) -> str:
        outcome = await self.verify(text, demand)
        return outcome.who.subject if isinstance(outcome, Vouched) else f"refused: {outcome.reason}"

    async def is_away(self, text: str) -> bool:
        try:
            await self.verify(text)
        except ProviderUnavailable:
            return True
        return False


def access(*audiences: str, of: IdentityProvider | None = None) -> Demand:
    return Demand("idp_access_token", (of or provider(),), (), audiences)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.tokens.provider.aclose()


async def test_fifty_requests_with_one_new_token_ask_once(world: World) -> None:
    assert set(await asyncio.gather(*(world.user("alice-1") for _ in range(50)))) == {"alice"}
    assert world.site.introspected == ["alice-1"]


async def test_a_token_is_asked_about_again_after_half_a_minute(world: World) -> None:
    assert await world.user("alice-1") == "alice"
    world.site.introspect = inactive
    world.now += GOOD_FOR - timedelta(milliseconds=1)
    assert await world.user("alice-1") == "alice"
    world.now += timedelta(milliseconds=1)
    assert await world.user("alice-1") == "refused: token-inactive"
    assert len(world.site.introspected) == 2


async def test_a_refused_token_is_asked_about_again_after_ten_seconds(world: World) -> None:
    world.site.introspect = inactive
    for _ in range(100):
        assert await world.user("alice-1") == "refused: token-inactive"
    assert len(world.site.introspected) == 1
    world.site.introspect = None
    world.now += REFUSED_FOR
    assert await world.user("alice-1") == "alice"


async def test_what_one_demand_accepts_says_nothing_about_another(world: World) -> None:
    elsewhere = provider(id="second", client_id="another-client")
    assert await world.user("alice-1") == "alice"
    assert await world.user("alice-1", access("api")) == "refused: id-token-audience"
    assert await world.user("alice-1", access(of=elsewhere)) == "refused: id-token-audience"
    assert await world.user("alice-1") == "alice"
    assert len(world.site.introspected) == 3


async def test_an_answer_is_never_of_another_token(world: World) -> None:
    texts = [f"{user}-{number}" for number in range(20) for user in ("alice", "bob", "carol")]
    users = await asyncio.gather(*(world.user(text) for text in texts))
    assert [text.partition("-")[0] for text in texts] == users


async def test_a_token_goes_to_nobody_but_its_provider(world: World) -> None:
    two = Demand("idp_access_token", (provider(), provider(id="second")), (), ())
    assert await world.user("alice-1", two) == "refused: id-token-issuer"
    assert await world.user(token(claims(iss="https://evil.example")), Demand("jwt", (), (CI,), ())) == (
        "refused: id-token-issuer"
    )
    assert (world.site.introspected, world.site.fetched) == ([], [])


async def test_each_format_takes_its_own_kind_alone(world: World) -> None:
    identity = token(claims())
    signed = token(claims(aud="api", nonce=None), {"typ": "at+jwt"})
    by_id, by_jwt = Demand("idp_identity_token", (provider(),), (), ()), Demand("jwt", (), (CI,), ())
    assert await world.user(identity, by_id) == "alice"
    assert await world.user(signed, by_jwt) == "alice"
    assert (await world.user(identity, by_jwt)).startswith("refused")
    assert (await world.user(signed, by_id)).startswith("refused")
    assert await world.user("opaque", by_jwt) == "refused: id-token-issuer"
    assert await world.user("opaque", Demand("default", (provider(),), (CI,), ())) == "refused: id-token-issuer"


async def test_a_thousand_tokens_with_made_up_keys_fetch_the_keys_once(world: World) -> None:
    world.now += timedelta(minutes=1)
    for number in range(1000):
        text = token(claims(aud="api", nonce=None), {"kid": f"made-up-{number}"}, signer="none") + "AAAA"
        assert await world.user(text, Demand("jwt", (), (CI,), ())) == "refused: id-token-key"
    assert world.site.fetched.count("/jwks") == 1


async def test_a_dead_provider_is_left_alone_for_longer_and_longer(world: World) -> None:
    world.site.introspect = away
    for _ in range(100):
        for number in range(10):
            assert await world.is_away(f"alice-{number}")
        world.now += timedelta(seconds=0.5)
    assert len(world.site.introspected) <= 6
    world.site.introspect = None
    world.now += timedelta(seconds=30)
    assert await world.user("alice-1") == "alice"
    assert await world.user("alice-2") == "alice"


async def test_a_token_that_makes_the_provider_stumble_keeps_nobody_else_out(world: World) -> None:
    world.site.introspect = lambda asked: stumbling(asked) if asked == "crafted" else active(asked)
    for _ in range(10):
        assert await world.is_away("crafted")
    assert world.site.introspected == ["crafted"]
    assert await world.user("alice-1") == "alice"
    world.now += FAILED_FOR
    assert await world.is_away("crafted")
    assert world.site.introspected.count("crafted") == 2


async def test_a_known_token_goes_on_while_the_provider_is_away(world: World) -> None:
    assert await world.user("alice-1") == "alice"
    world.site.introspect = away
    assert await world.is_away("bob-1")
    assert await world.user("alice-1") == "alice"
    world.now += GOOD_FOR
    assert await world.is_away("alice-1")


async def test_a_provider_that_hangs_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "ANSWER_SECONDS", 0.05)
    world.site.hold = asyncio.Event()
    assert all(await asyncio.gather(*(world.is_away(f"alice-{number}") for number in range(3))))
    asked = len(world.site.introspected)
    assert await world.is_away("alice-9")
    assert len(world.site.introspected) == asked


async def test_so_many_questions_at_once_and_the_others_wait(world: World) -> None:
    world.site.hold = asyncio.Event()
    asking = [asyncio.create_task(world.user(f"alice-{number}")) for number in range(AT_ONCE * 3)]
    while len(world.site.introspected) < AT_ONCE:
        await asyncio.sleep(0)
    world.site.hold.set()
    assert set(await asyncio.gather(*asking)) == {"alice"}
    assert world.site.most_at_once == AT_ONCE


async def test_what_has_no_time_to_be_asked_says_nothing_about_the_provider(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "ANSWER_SECONDS", 0.05)
    world.site.hold = asyncio.Event()
    asking = [asyncio.create_task(world.is_away(f"alice-{number}")) for number in range(AT_ONCE * 2)]
    while len(world.site.introspected) < AT_ONCE:
        await asyncio.sleep(0)
    assert all(await asyncio.gather(*asking))
    assert len(world.site.introspected) == AT_ONCE
    world.site.hold = None
    assert await world.is_away("bob-1")
    world.now += timedelta(seconds=30)
    assert await world.user("bob-1") == "bob"


async def test_of_a_flood_of_tokens_only_so_many_wait(world: World) -> None:
    world.site.hold = asyncio.Event()
    asking = [asyncio.create_task(world.is_away(f"alice-{number}")) for number in range(WAITING + 100)]
    while len(world.site.introspected) < AT_ONCE:
        await asyncio.sleep(0)
    world.site.hold.set()
    assert sum(await asyncio.gather(*asking)) == 100
    assert await world.user("bob-1") == "bob"


async def test_a_request_that_goes_away_takes_the_answer_from_nobody(world: World) -> None:
    world.site.hold = asyncio.Event()
    first, second = (asyncio.create_task(world.user("alice-1")) for _ in range(2))
    while not world.site.introspected:
        await asyncio.sleep(0)
    first.cancel()
    world.site.hold.set()
    assert await second == "alice"
    assert world.site.introspected == ["alice-1"]


async def test_a_refusal_names_neither_token_nor_secret(world: World) -> None:
    world.site.introspect = inactive
    outcome = await world.verify("alice-secret-token")
    assert isinstance(outcome, TokenRefused)
    assert outcome.reason is Reason.TOKEN_INACTIVE
    assert "secret-token" not in repr(outcome)
    assert "secret-token" not in repr(world.tokens)
