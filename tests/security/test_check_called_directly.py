"""`Check` called by somebody who is no Envoy of ours.

Its port has no authentication: who can reach it can claim to be any client at any address, and send any headers that
Envoy would have removed. So it belongs on a Unix socket, on loopback, or in a network that only Envoys enter
(docs/architecture.md). Yet whoever gets through has no session of anybody's: an assertion about a user still takes that
user's credential, for the very host that it names.
"""

import itertools
import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from access_model.model import Route
from tests.extauthz.check.world import (
    APP,
    BOB,
    MODEL,
    OPEN,
    PLAIN,
    World,
    session_cookie,
    status,
    upstream_headers,
)

ASSERTION = "x-pomerium-jwt-assertion"
HOSTS = (APP, OPEN, PLAIN, "auth.example.com", "evil.example")
FORGED = ((ASSERTION, "FORGED"), ("x-email", "alice@example.com"), ("x-pomerium-claim-email", "alice@example.com"))


@pytest.fixture
def world() -> World:
    return World()


def _claims(response: Any) -> dict[str, Any]:
    token = upstream_headers(response)[ASSERTION]
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


@pytest.mark.parametrize("route", MODEL.routes, ids=lambda route: f"{route.origin.host}{route.match.value}")
@pytest.mark.parametrize("host", HOSTS)
async def test_a_forged_route_opens_no_other_host(world: World, route: Route, host: str) -> None:
    """Bob has a session on every host and asks for each with every route: what he gets he could have had."""
    bob = session_cookie(await world.sign_in(BOB, host))
    response = await world.get("/x", bob, *FORGED, host=host, route_id=route.id)
    if status(response) == 0:
        assert route.origin.covers(host)
        assert route.pass_identity_headers is False or _claims(response)["aud"] == host
        assert route.public or (host, route.origin.host) == (PLAIN, PLAIN)


async def test_an_assertion_about_somebody_takes_their_credential(world: World) -> None:
    await world.sign_in()
    for route, host in itertools.product(MODEL.routes, HOSTS):
        response = await world.get("/x", *FORGED, host=host, route_id=route.id)
        if status(response) == 0 and route.pass_identity_headers:
            assert (_claims(response)["sub"], _claims(response)["email"]) == ("", "")
            assert "FORGED" not in str(upstream_headers(response))


@pytest.mark.parametrize("route_id", ["", "0" * 16, "../", "\x00", "x" * 10_000])
async def test_a_made_up_route_opens_nothing(world: World, route_id: str) -> None:
    alice = session_cookie(await world.sign_in())
    assert status(await world.get("/", alice, route_id=route_id)) in {404, 503}
