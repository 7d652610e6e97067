"""What a route says about the user to its upstream, and in which words."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator

import pytest

from tests.end_to_end.assertions import ASSERTION, verified_claims
from tests.end_to_end.route_options.conftest import Seen, World
from tests.harness.identity_provider import ALICE
from tests.harness.web_client import WebClient

pytestmark = pytest.mark.end_to_end


@pytest.fixture
def alice(world: World) -> Iterator[WebClient]:
    with world.stack.signed_in(ALICE) as client:
        yield client


def seen(world: World, client: WebClient, host: str) -> Seen:
    return Seen(**client.get(world.stack.url(host)).json())


def test_headers_of_the_operator_s_own(world: World, alice: WebClient) -> None:
    told = seen(world, alice, "told.localhost")
    signed = (told.value("x-signed") or "").removeprefix("signed ")
    assert verified_claims(world.stack, signed, "told.localhost")["email"] == ALICE.email
    assert told.value("x-price") == "$5"
    assert (told.value("x-agent") or "").startswith("Mozilla/5.0")


def test_a_route_can_leave_the_user_unnamed(world: World, alice: WebClient) -> None:
    told = seen(world, alice, "told.localhost")
    assert (told.value(ASSERTION), told.value("x-email")) == (None, None)


def test_a_route_can_name_the_user_in_its_own_way(world: World, alice: WebClient) -> None:
    told = seen(world, alice, "named.localhost")
    assert (told.value("x-who"), told.value("x-email"), told.value("x-groups")) == (
        ALICE.email,
        ALICE.name,
        ",".join(ALICE.groups),
    )
    assert told.value("host") == f"named.localhost:{world.stack.port}"
    payload = (told.value(ASSERTION) or "").split(".")[1]
    assert json.loads(urlsafe_b64decode(payload + "=="))["iss"] == "https://named.localhost/"
