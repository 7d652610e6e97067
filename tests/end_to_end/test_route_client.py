"""A route with a client of its own at the identity provider: its sessions are good for it alone."""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any

import pytest

from tests.end_to_end.assertions import assertion_of, verified_claims
from tests.harness.due import make_due
from tests.harness.identity_provider import ALICE, BOB, change_user, identity_provider
from tests.harness.stack import APP, Stack, running_stack
from tests.harness.web_client import WebClient, login

PAYROLL = "payroll.localhost"
SECRET = "the payroll's own/secret+%"
ROUTES: list[dict[str, Any]] = [
    {
        "from": f"https://{PAYROLL}:{{port}}",
        "to": "{other}",
        "allow_any_authenticated_user": True,
        "idp_client_id": "payroll",
        "idp_client_secret": SECRET,
    }
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    start = partial(identity_provider, further_clients={"payroll": SECRET})
    with running_stack(tmp_path_factory.mktemp("route-client"), routes=ROUTES, start_provider=start) as running:
        yield running


def asked_for(client: WebClient) -> list[str]:
    """The clients that the provider was asked for, in turn."""
    return [one.url.params["client_id"] for one in client.history if one.url.path == "/auth"]


def test_people_sign_in_with_the_route_s_own_client(stack: Stack) -> None:
    with stack.client() as client:
        page = login(client, stack.url(PAYROLL, "/wages?month=3"), ALICE.email, ALICE.password)
        assert (page.status_code, stack.other.last().target) == (HTTPStatus.OK, "/wages?month=3")
        assert asked_for(client) == ["payroll"]
        assert verified_claims(stack, assertion_of(stack.other.last()), PAYROLL)["sub"] == ALICE.id


def test_a_session_of_one_client_opens_no_route_of_another(stack: Stack) -> None:
    with stack.signed_in(BOB, APP) as client:
        stack.other.clear()
        assert client.send("GET", stack.url(PAYROLL)).status_code == HTTPStatus.UNAUTHORIZED
        assert stack.other.requests == []
        page = client.get(stack.url(PAYROLL))  # the provider still knows who this is
        assert (page.status_code, page.url.host) == (HTTPStatus.OK, PAYROLL)
        assert asked_for(client) == ["ostiary", "payroll"]
        stack.app.clear()
        assert client.send("GET", stack.url(APP)).status_code == HTTPStatus.UNAUTHORIZED
        assert stack.app.requests == []


def test_its_tokens_are_renewed_with_its_own_secret(stack: Stack) -> None:
    with stack.signed_in(BOB, PAYROLL) as client:
        change_user(stack.provider, replace(BOB, groups=("payroll",)))
        make_due(stack.config["session_store_url"], BOB.email)
        end = time.monotonic() + 5
        while stack.other.last().value("x-groups") != "payroll":
            assert client.send("GET", stack.url(PAYROLL)).status_code == HTTPStatus.OK
            assert time.monotonic() < end


def test_a_sign_out_at_the_provider_ends_it(stack: Stack) -> None:
    with stack.signed_in(ALICE, PAYROLL) as client:
        client.submit(client.get(f"{stack.provider.issuer}/session/end"), {"logout": "yes"})
        assert client.send("GET", stack.url(PAYROLL)).status_code == HTTPStatus.UNAUTHORIZED
