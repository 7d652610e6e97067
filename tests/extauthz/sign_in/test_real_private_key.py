"""A real provider that takes `private_key_jwt` and pushed authorization requests, no secret, and signs userinfo."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from access_model.model import IdentityProvider
from extauthz.adapters.client_key import ClientKey
from extauthz.adapters.provider_client import ProviderClient
from extauthz.web_request import Failure, Redirect
from session_store.records import Selection
from tests.extauthz.sign_in.test_real_provider import CALLBACK, Announcing, Person
from tests.extauthz.sign_in.world import World, a_model
from tests.harness.identity_provider import ALICE, Client, identity_provider
from tests.harness.identity_provider import IdentityProvider as Running

pytestmark = pytest.mark.end_to_end

KEY = ClientKey.derived(b"k" * 32)
METADATA: dict[str, Any] = {
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "ES256",
    "jwks": KEY.jwks(),
    "userinfo_signed_response_alg": "ES256",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with identity_provider(tmp_path_factory.mktemp("provider"), Client((CALLBACK,), metadata=METADATA)) as started:
        yield started


@pytest.fixture
async def world(running: Running) -> AsyncIterator[World]:
    provider = IdentityProvider(
        "main",
        "oidc",
        running.issuer,
        running.client.client_id,
        None,
        ("openid", "email"),
        client_authentication="private_key_jwt",
        pushed_authorization=True,
    )
    made = World(a_model(provider=provider))
    before, made.now = made.services, datetime.now(UTC)
    made.services = replace(before, provider=_client(KEY), clock=lambda: datetime.now(UTC))
    yield made
    await made.services.provider.aclose()
    await before.provider.aclose()


def _client(key: ClientKey) -> ProviderClient:
    announced = {"token_endpoint_auth_methods_supported": ["private_key_jwt"]}
    return ProviderClient(lambda: datetime.now(UTC), Announcing(announced), key)


async def test_somebody_signs_in_without_any_secret(world: World, running: Running) -> None:
    person = Person(world)
    location = await person.to_provider()
    assert "request_uri" in httpx.URL(location).params
    assert "code_challenge" not in httpx.URL(location).params
    outcome = await person.browser.follow(person.answer(location, ALICE.email, ALICE.password))
    assert isinstance(outcome, Redirect), outcome
    assert await person.browser.user() == "alice"


async def test_the_profile_comes_from_userinfo_that_the_provider_signed(world: World) -> None:
    person = Person(world)
    location = await person.to_provider()
    await person.browser.follow(person.answer(location, ALICE.email, ALICE.password))
    (known,) = await world.store.select_sessions(Selection(user=ALICE.id), world.now)
    assert (known.user.email, known.user.email_verified) == (ALICE.email, True)
    assert "email" not in known.session.claims
    assert known.user.claims["iss"] == (known.session.issuer,)


async def test_another_key_is_refused(world: World) -> None:
    await world.services.provider.aclose()
    world.services = replace(world.services, provider=_client(ClientKey.derived(b"l" * 32)))
    outcome = await world.browser().visit(world.browser().begin())
    assert isinstance(outcome, Failure)
    assert "invalid_client" in outcome.detail_for_log
