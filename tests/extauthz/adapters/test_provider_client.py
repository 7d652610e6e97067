import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
import structlog

from access_model.secret import Secret
from extauthz.adapters.provider_client import MAX_BODY, ProviderClient
from extauthz.oidc.errors import ProviderUnavailable, Reason
from extauthz.oidc.finish import SignInRefused
from extauthz.oidc.signed_in import SignedIn
from session_store.records import Tokens
from tests.extauthz.oidc.fake_provider import (
    ISSUER,
    JWKS,
    NOW,
    RSA,
    attempt,
    claims,
    discovery,
    provider,
    rsa_jwk,
    token,
)

PARAMS = (("code", "code-1"), ("state", attempt().state), ("iss", ISSUER))
TOKENS = Tokens(Secret.of("access-1"), Secret.of("refresh-1"), Secret.of("id-1"))

Handler = Callable[[httpx.Request], httpx.Response]


class Site:
    """The provider's web site: good answers, unless a test puts others in their place."""

    def __init__(self, **routes: Handler) -> None:
        self.routes = routes
        self.requests: list[httpx.Request] = []
        self.jwks: object = JWKS
        self.id_token = token(claims())

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        name = request.url.path.rpartition("/")[2].replace("-", "_")
        if name in self.routes:
            return self.routes[name](request)
        return httpx.Response(200, json=self._good(name), headers={"set-cookie": "track=1; Path=/"})

    def _good(self, name: str) -> object:
        tokens = {"access_token": "access-1", "token_type": "Bearer", "id_token": self.id_token}
        return {
            "openid_configuration": discovery(),
            "jwks": self.jwks,
            "token": tokens,
            "userinfo": {"sub": "alice"},
            "revoke": {},
        }[name]

    def count(self, path: str) -> int:
        return sum(request.url.path == path for request in self.requests)


@asynccontextmanager
async def client(site: Site) -> AsyncIterator[ProviderClient]:
    made = ProviderClient(lambda: NOW, httpx.MockTransport(site))
    try:
        yield made
    finally:
        await made.aclose()


async def test_a_sign_in_over_http() -> None:
    site = Site()
    async with client(site) as made:
        assert (await made.authorize(provider(), attempt())).startswith(f"{ISSUER}/authorize?")
        assert isinstance(await made.finish_sign_in(provider(), attempt(), PARAMS), SignedIn)
    assert site.count("/.well-known/openid-configuration") == 1
    assert all("cookie" not in request.headers for request in site.requests)
    redeemed = next(request for request in site.requests if request.url.path == "/token")
    assert redeemed.headers["authorization"].startswith("Basic ")


def _fail(error: type[Exception]) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error("contains code-1")

    return handler


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
@pytest.mark.parametrize("place", ["openid_configuration", "token", "jwks", "userinfo"])
async def test_no_answer_is_unavailable_and_quotes_nothing(place: str, error: type[Exception]) -> None:
    site = Site(**{place: _fail(error)})
    async with client(site) as made:
        with pytest.raises(ProviderUnavailable) as caught:
            await made.finish_sign_in(provider(), attempt(), PARAMS)
    assert "code-1" not in str(caught.value)
    assert site.count("/token") <= 1


async def test_a_code_is_sent_once_even_when_the_answer_gets_lost() -> None:
    site = Site(token=_fail(httpx.ReadError))
    async with client(site) as made:
        with pytest.raises(ProviderUnavailable):
            await made.finish_sign_in(provider(), attempt(), PARAMS)
    assert site.count("/token") == 1


@pytest.mark.parametrize("place", ["openid_configuration", "jwks"])
async def test_redirects_are_not_followed(place: str) -> None:
    elsewhere = "http://169.254.169.254/latest/meta-data"
    site = Site(**{place: lambda _: httpx.Response(302, headers={"location": elsewhere})})
    async with client(site) as made:
        with pytest.raises(ProviderUnavailable):
            await made.finish_sign_in(provider(), attempt(), PARAMS)
    assert {request.url.host for request in site.requests} == {"id.example.com"}


async def test_an_endless_answer_is_cut() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    site = Site(openid_configuration=lambda _: httpx.Response(200, content=endless()))
    async with client(site) as made:
        with pytest.raises(ProviderUnavailable, match="more than"):
            await made.authorize(provider(), attempt())
    assert sent <= MAX_BODY + 131072


async def test_a_thousand_tokens_with_made_up_keys_fetch_the_keys_once_in_ten_seconds() -> None:
    site = Site()
    async with client(site) as made:
        for number in range(1000):
            site.id_token = token(claims(), {"kid": f"made-up-{number}"}, signer="none")
            site.id_token += "AAAA"
            outcome = await made.finish_sign_in(provider(), attempt(), PARAMS)
            assert isinstance(outcome, SignInRefused)
            assert outcome.reason is Reason.ID_TOKEN_KEY
    assert site.count("/jwks") == 1


async def test_a_rotated_key_is_accepted_within_one_refetch() -> None:
    now = [NOW]
    site = Site()
    made = ProviderClient(lambda: now[0], httpx.MockTransport(site))
    assert isinstance(await made.finish_sign_in(provider(), attempt(), PARAMS), SignedIn)
    now[0] += timedelta(seconds=10)
    site.jwks = {"keys": [rsa_jwk(RSA, "rsa-2")]}
    site.id_token = token(claims(), {"kid": "rsa-2"})
    assert isinstance(await made.finish_sign_in(provider(), attempt(), PARAMS), SignedIn)
    assert site.count("/jwks") == 2
    await made.aclose()


async def test_signing_out_revokes_both_tokens() -> None:
    site = Site()
    async with client(site) as made:
        await made.revoke(provider(), TOKENS)
        url = await made.end_session_url(provider(), TOKENS, "https://auth.example.com/out", "st")
    revoked = [request.content.decode() for request in site.requests if request.url.path == "/revoke"]
    assert revoked == ["token=refresh-1&token_type_hint=refresh_token", "token=access-1&token_type_hint=access_token"]
    assert url == (
        f"{ISSUER}/logout?id_token_hint=id-1&client_id=ostiary"
        "&post_logout_redirect_uri=https%3A%2F%2Fauth.example.com%2Fout&state=st"
    )


async def test_signing_out_does_not_need_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    never = asyncio.Event()

    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await never.wait()
            raise AssertionError

    monkeypatch.setattr("extauthz.adapters.provider_client.SIGN_OUT_SECONDS", 0.05)
    made = ProviderClient(lambda: NOW, Hanging())
    with structlog.testing.capture_logs() as logs:
        await made.revoke(provider(), TOKENS)
        assert await made.end_session_url(provider(), TOKENS, "https://auth.example.com/out", "st") is None
    await made.aclose()
    assert [entry["event"] for entry in logs] == ["token_revocation_failed", "end_session_url_failed"]
    assert "refresh-1" not in json.dumps(logs)
