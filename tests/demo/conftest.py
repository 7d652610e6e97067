"""A provider, a callback and a relying party, shared by the tests of this folder."""

from collections.abc import Iterator

import httpx
import pytest

from tests.demo.verifying import EC, HOST, RSA, Asked
from tests.harness.identity_provider import Client, identity_provider
from tests.harness.key_server import key_server
from tests.harness.relying_party import RelyingParty
from tests.harness.upstream import Upstream, recording_upstream
from tests.harness.verify_app import verify_app
from tests.harness.web_client import WebClient, web_client


@pytest.fixture(scope="module")
def callback() -> Iterator[Upstream]:
    """Give the server that redirect URIs and back-channel logouts lead to."""
    with recording_upstream() as running:
        yield running


@pytest.fixture(scope="module")
def party(tmp_path_factory: pytest.TempPathFactory, callback: Upstream) -> Iterator[RelyingParty]:
    """Give a client of a running provider."""
    local = f"http://rp.localhost:{callback.port}"
    client = Client(
        redirect_uris=(f"{callback.url}/callback",),
        post_logout_redirect_uris=(f"{callback.url}/signed-out",),
        metadata={"backchannel_logout_uri": f"{local}/backchannel", "backchannel_logout_session_required": True},
    )
    with identity_provider(tmp_path_factory.mktemp("provider"), client) as provider:
        url = f"{provider.issuer}/.well-known/openid-configuration"
        yield RelyingParty(provider, httpx.get(url, trust_env=False).json())


@pytest.fixture
def person(callback: Upstream) -> Iterator[WebClient]:
    """Give somebody's fresh browser without a window."""
    callback.clear()
    with web_client() as client:
        yield client


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Give the demo's application, which believes in two keys."""
    with (
        key_server([EC.as_dict(private=False), RSA.as_dict(private=False)]) as keys,
        verify_app(tmp_path_factory.mktemp("verify"), jwks_url=keys.url, public_hosts=[HOST]) as app,
    ):
        yield Asked(app, keys)
