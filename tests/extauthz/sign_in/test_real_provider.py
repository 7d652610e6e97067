"""The way through a provider that is not ours: npm `oidc-provider`, certified, as a process of its own."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from access_model.model import IdentityProvider
from access_model.secret import Secret
from extauthz.adapters.provider_client import ProviderClient
from extauthz.services import Services
from extauthz.web_request import Failure, FailureKind, Redirect
from tests.extauthz.sign_in.world import APP, AUTH, OTHER, Browser, World, a_model
from tests.harness.identity_provider import ALICE, BOB, Client, identity_provider
from tests.harness.identity_provider import IdentityProvider as Running
from tests.harness.web_client import first_form, web_client

pytestmark = pytest.mark.end_to_end

CALLBACK = f"https://{AUTH}/oauth2/callback"
SIGNED_OUT = f"https://{AUTH}/.pomerium/signed_out"

METADATA: dict[str, dict[str, Any]] = {
    "basic": {"token_endpoint_auth_method": "client_secret_basic"},
    "post": {"token_endpoint_auth_method": "client_secret_post", "id_token_signed_response_alg": "ES256"},
    "pushed": {"require_pushed_authorization_requests": True},
}


class Announcing(httpx.AsyncHTTPTransport):
    """Reaches the provider, and has its metadata say what this client is registered for."""

    def __init__(self, changed: dict[str, Any]) -> None:
        super().__init__()
        self._changed = changed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if not request.url.path.endswith("/openid-configuration"):
            return response
        document = json.loads(await response.aread())
        await response.aclose()
        return httpx.Response(response.status_code, json={**document, **self._changed})


@pytest.fixture(scope="module", params=METADATA)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    client = Client((CALLBACK,), (SIGNED_OUT,), metadata=METADATA[request.param])
    with identity_provider(tmp_path_factory.mktemp("provider"), client) as started:
        yield started


def announced(client: Client) -> dict[str, Any]:
    changed = {"require_pushed_authorization_requests": "require_pushed_authorization_requests" in client.metadata}
    method = client.metadata.get("token_endpoint_auth_method")
    return {**changed, "token_endpoint_auth_methods_supported": [method]} if method else changed


@pytest.fixture
async def world(running: Running) -> AsyncIterator[World]:
    scopes = ("openid", "profile", "email", "offline_access")
    client = running.client
    secret = Secret.of(client.client_secret)
    made = World(a_model(provider=IdentityProvider("main", "oidc", running.issuer, client.client_id, secret, scopes)))
    services = made.services
    made.services = Services(
        current=services.current,
        store=services.store,
        provider=ProviderClient(lambda: datetime.now(UTC), Announcing(announced(client))),
        clock=lambda: datetime.now(UTC),
        entropy=services.entropy,
    )
    made.now = datetime.now(UTC)
    yield made
    await made.services.provider.aclose()
    await services.provider.aclose()


class Person:
    """A browser of ours, and its own dealings with the provider."""

    def __init__(self, world: World) -> None:
        self.browser: Browser = world.browser()

    async def to_provider(self, host: str = APP) -> str:
        outcome = await self.browser.visit(self.browser.begin("/x?y=1", host))
        assert isinstance(outcome, Redirect), outcome
        return outcome.location

    def answer(self, url: str, username: str, password: str) -> str:
        """Sign in at the provider: the URL of our callback that it leads to."""
        with web_client() as client:
            page = client.get(url)
            form = first_form(page)
            response = client.post(
                form.action, {**form.fields, "username": username, "password": password}, follow=False
            )
            while not response.headers["location"].startswith(CALLBACK):
                response = client.get(str(response.url.join(response.headers["location"])), follow=False)
        return str(response.headers["location"])


async def test_somebody_signs_in_and_out(world: World, running: Running) -> None:
    person = Person(world)
    outcome = await person.browser.follow(person.answer(await person.to_provider(), ALICE.email, ALICE.password))
    assert outcome == Redirect("https://app.example.com/x?y=1", getattr(outcome, "set_cookies", ()))
    known = await person.browser.session()
    assert known is not None
    assert (known.user.id, known.user.email, known.user.email_verified) == ("alice", ALICE.email, True)
    assert known.user.claims["groups"] == ALICE.groups
    assert known.session.tokens.refresh_token is not None
    await person.browser.follow(person.browser.begin(host=OTHER))
    assert await person.browser.user(OTHER) == "alice"

    out = await person.browser.visit(f"https://{APP}/.pomerium/sign_out", headers={"sec-fetch-site": "none"})
    assert isinstance(out, Redirect)
    assert out.location.startswith(f"{running.issuer}/session/end?")
    assert await person.browser.user(OTHER) is None
    assert httpx.get(out.location).status_code == 200
    access = known.session.tokens.access_token
    assert access is not None
    asked = httpx.get(f"{running.issuer}/me", headers={"Authorization": f"Bearer {access.reveal_text()}"})
    assert asked.status_code == 401


async def test_the_same_answer_twice_and_in_another_browser(world: World) -> None:
    person, stranger = Person(world), Person(world)
    url = person.answer(await person.to_provider(), BOB.email, BOB.password)
    refused = await stranger.browser.visit(url)
    assert isinstance(refused, Failure)
    assert refused.kind is FailureKind.STATE_MISSING
    await person.browser.follow(url)
    assert await person.browser.user() == "bob"
    again = await person.browser.visit(url)
    assert isinstance(again, Failure)
    assert urlsplit(url).path == "/oauth2/callback"


async def test_a_wrong_secret_is_told_to_the_operator(world: World) -> None:
    assert world.model.provider is not None
    person = Person(world)
    location = await person.to_provider()
    wrong = IdentityProvider(
        "main", "oidc", world.model.provider.issuer, world.model.provider.client_id, Secret.of("wrong"), ("openid",)
    )
    world.model = a_model(provider=wrong)
    outcome = await person.browser.visit(person.answer(location, ALICE.email, ALICE.password))
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.PROVIDER_MISTRUSTED
    assert "idp_client_secret" in outcome.detail_for_log
