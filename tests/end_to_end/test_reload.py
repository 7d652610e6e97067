"""The configuration is read again when its file changes; one that is not right changes nothing."""

import signal
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.harness.identity_provider import ALICE
from tests.harness.ostiary_process import ostiary
from tests.harness.ports import LOOPBACK
from tests.harness.raw_http import get_raw
from tests.harness.stack import APP, AUTHENTICATE, OTHER, PUBLIC, Stack, running_stack

FRESH = "fresh.localhost"
WILD, EXACT, SIBLING = "*.wild.localhost", "one.wild.localhost", "two.wild.localhost"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("reload")) as running:
        yield running


@pytest.fixture
def own(whole: Stack) -> Iterator[Stack]:
    """Give the module's stack; it gets its first configuration back."""
    whole.app.clear()
    whole.other.clear()
    yield whole
    if _rewrite(whole, dict(whole.config)):
        _wait(whole, "configuration_reloaded")


def _rewrite(stack: Stack, config: dict[str, Any]) -> bool:
    before = stack.ostiary.config_file.read_text("utf-8")
    stack.ostiary.rewrite(config)
    return stack.ostiary.config_file.read_text("utf-8") != before


def _count(stack: Stack, event: str) -> int:
    return sum(one.get("event") == event for one in stack.ostiary.events())


def _wait(stack: Stack, event: str, *, more_than: int = 0) -> None:
    stack.ostiary.process.wait_until(lambda: _count(stack, event) > more_than, what=event)


def _change(stack: Stack, config: dict[str, Any], event: str = "configuration_reloaded") -> None:
    before = _count(stack, event)
    _rewrite(stack, config)
    _wait(stack, event, more_than=before)


def _with_routes(stack: Stack, *more: dict[str, Any]) -> dict[str, Any]:
    return {**stack.config, "routes": [*more, *stack.config["routes"]]}


def test_a_new_route_is_served(own: Stack) -> None:
    route = {"from": own.url(FRESH, ""), "to": own.app.url, "allow_public_unauthenticated_access": True}

    def status() -> int | None:
        return own.raw(APP, get_raw(FRESH, "/")).status

    assert status() == HTTPStatus.NOT_FOUND
    _change(own, _with_routes(own, route))
    own.ostiary.process.wait_until(lambda: status() == HTTPStatus.OK, what="the new route in force")
    assert own.app.requests


def test_a_stricter_policy_counts_at_the_next_request(own: Stack) -> None:
    with own.signed_in(ALICE, APP) as client:
        own.app.clear()
        routes = [
            {**route, "allowed_domains": ["example.org"]} if "allowed_domains" in route else route
            for route in own.config["routes"]
        ]
        _change(own, {**own.config, "routes": routes})
        assert client.get(own.url(APP)).status_code == HTTPStatus.FORBIDDEN
    assert own.app.requests == []


@pytest.mark.parametrize(
    "mistake",
    [
        {"rotues": []},
        {"routes": [{"from": "https://x.localhost/path", "to": "http://127.0.0.1:1"}]},
        {"address": "nowhere"},
        {"signing_key": "not a key"},
    ],
    ids=lambda mistake: next(iter(mistake)),
)
def test_a_file_with_a_mistake_changes_nothing(own: Stack, mistake: dict[str, Any]) -> None:
    _change(own, {**own.config, **mistake}, "configuration_refused")
    refused = [one for one in own.ostiary.events() if one.get("event") == "configuration_refused"][-1]
    assert refused["reason"]
    assert refused["meaning"] == "the running configuration stays in force"
    with own.signed_in(ALICE, APP) as client:
        assert client.get(own.url(OTHER)).status_code == HTTPStatus.OK


def test_a_hangup_reads_the_file_again_and_ends_nothing(own: Stack) -> None:
    own.ostiary.process.signal(signal.SIGHUP)
    with own.program() as program:
        assert program.get(own.url(PUBLIC)).status_code == HTTPStatus.OK
    assert own.ostiary.process.running


def test_a_setting_that_needs_a_restart_says_so(own: Stack) -> None:
    _change(own, {**own.config, "session_store_url": "memory://"}, "restart_needed")
    with own.signed_in(ALICE, APP):
        assert own.app.requests


def test_a_taken_port_is_said_and_not_waited_for(own: Stack, tmp_path: Path) -> None:
    config = {**own.config, "session_store_url": "memory://", "address": f"{LOOPBACK}:{own.port}"}
    with ostiary(tmp_path, config, wait=False) as second:
        code = second.process.wait_for_end(deadline=40)
        said = [event for event in second.events() if event.get("event") == "failed"]
    assert code == 3
    assert said
    assert str(own.port) in second.process.output()


def test_no_request_fails_while_a_route_moves_to_and_fro_between_upstreams(own: Stack) -> None:
    """The old id is still asked about while Envoy passes on, and the old cluster while a request waits for `Check`."""
    statuses: list[int | None] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            statuses.append(own.raw(PUBLIC, get_raw(PUBLIC, "/")).status)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    try:
        for upstream in (own.other, own.app, own.other, own.app, own.other):
            upstream.clear()
            routes = [
                {**route, "to": upstream.url} if "allow_public_unauthenticated_access" in route else route
                for route in own.config["routes"]
            ]
            _rewrite(own, {**own.config, "routes": routes})
            own.ostiary.process.wait_until(lambda to=upstream: bool(to.requests), what="the other upstream")  # type: ignore[misc]
    finally:
        stop.set()
        for thread in asking:
            thread.join()
    assert set(statuses) == {HTTPStatus.OK}


def test_a_host_comes_out_from_under_a_wildcard_and_goes_back(own: Stack) -> None:
    """Envoy holds no host that is gone, nor one that another took the place of."""
    everybody = {"from": own.url(WILD, ""), "to": own.app.url, "allow_public_unauthenticated_access": True}
    alice = {"from": own.url(EXACT, ""), "to": own.other.url, "allowed_users": [ALICE.email]}

    def statuses() -> tuple[int | None, int | None]:
        one, two = (own.raw(APP, get_raw(host, "/")).status for host in (EXACT, SIBLING))
        return one, two

    def becomes(*wanted: HTTPStatus) -> None:
        own.ostiary.process.wait_until(lambda: statuses() == wanted, what=f"{wanted}")

    _change(own, _with_routes(own, everybody))
    becomes(HTTPStatus.OK, HTTPStatus.OK)
    _change(own, _with_routes(own, everybody, alice))
    becomes(HTTPStatus.UNAUTHORIZED, HTTPStatus.OK)
    _change(own, _with_routes(own, everybody))
    becomes(HTTPStatus.OK, HTTPStatus.OK)
    _change(own, _with_routes(own, alice))
    becomes(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
    _change(own, dict(own.config))
    becomes(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND)
    assert own.other.requests == []


def test_another_host_signs_people_in(own: Stack) -> None:
    elsewhere = "sign-in.localhost"

    def locations() -> list[list[str]]:
        return [own.raw(APP, get_raw(host, "/")).values("location") for host in (AUTHENTICATE, elsewhere)]

    _change(own, {**own.config, "authenticate_service_url": own.url(elsewhere, "")})
    own.ostiary.process.wait_until(lambda: locations() == [[], ["/.pomerium/"]], what="the other host in force")
    assert own.raw(APP, get_raw(AUTHENTICATE, "/.pomerium/sign_in")).status == HTTPStatus.NOT_FOUND
