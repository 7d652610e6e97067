"""What the provider says anew of somebody counts after a refresh, without a new login."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus

from tests.end_to_end.assertions import assertion_of, verified_claims
from tests.harness.due import make_due
from tests.harness.identity_provider import BOB, User, change_user
from tests.harness.stack import APP, OTHER, Stack
from tests.harness.web_client import WebClient

PATIENCE = 5.0


@contextmanager
def changed(stack: Stack, user: User) -> Iterator[None]:
    """Have the provider say this of a user for the time of the block; their tokens are due at once."""
    original = next(each for each in stack.provider.users if each.id == user.id)
    change_user(stack.provider, user)
    make_due(stack.config["session_store_url"], original.email)
    try:
        yield
    finally:
        change_user(stack.provider, original)


def ask(stack: Stack, client: WebClient, host: str = APP) -> int:
    return client.send("GET", stack.url(host)).status_code


def wait_for_groups(stack: Stack, client: WebClient, groups: list[str]) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        assert ask(stack, client) == HTTPStatus.OK
        if verified_claims(stack, assertion_of(stack.app.last()), APP)["groups"] == groups:
            return
        assert time.monotonic() < end, f"the groups never became {groups}"


def test_changed_groups_count_at_the_next_request(stack: Stack) -> None:
    with stack.signed_in(BOB) as client:
        for groups in (("reviewers",), ()):
            with changed(stack, replace(BOB, groups=groups)):
                wait_for_groups(stack, client, list(groups))
        assert stack.app.last().value("x-groups") == ""


def test_an_address_that_is_verified_no_longer_opens_no_domain_rule(stack: Stack) -> None:
    with stack.signed_in(BOB) as client, changed(stack, replace(BOB, email_verified=False)):
        end = time.monotonic() + PATIENCE
        while ask(stack, client) != HTTPStatus.FORBIDDEN:
            assert time.monotonic() < end
        seen = len(stack.app.requests)
        assert ask(stack, client) == HTTPStatus.FORBIDDEN
        assert len(stack.app.requests) == seen


def test_who_gets_the_address_that_a_route_names_gets_in(stack: Stack) -> None:
    with stack.signed_in(BOB) as client:
        assert client.get(stack.url(OTHER)).status_code == HTTPStatus.FORBIDDEN
        with changed(stack, replace(BOB, email="alice@example.com")):
            end = time.monotonic() + PATIENCE
            while ask(stack, client, OTHER) != HTTPStatus.OK:
                assert time.monotonic() < end
