"""What Envoy answers by itself looks like what we answer, and an Envoy that dies comes back."""

import os
import signal
from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest

from tests.harness.identity_provider import ALICE
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.raw_http import get_raw
from tests.harness.stack import APP, PUBLIC, Stack, running_stack

DEAD = "dead.localhost"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    route = {
        "from": f"https://{DEAD}:{{port}}",
        "to": f"http://{LOOPBACK}:{free_port()}",
        "allow_public_unauthenticated_access": True,
    }
    with running_stack(tmp_path_factory.mktemp("errors"), routes=[route]) as running:
        yield running


@pytest.mark.parametrize(("accept", "kind"), [("text/html", "text/html"), ("application/json", "application/json")])
def test_a_dead_upstream_gets_a_page_of_ours(whole: Stack, accept: str, kind: str) -> None:
    answer = whole.raw(PUBLIC, get_raw(DEAD, "/", f"Accept: {accept}"))
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.values("content-type")[0].startswith(kind)
    assert answer.values("x-pomerium-intercepted-response") == ["true"]
    assert str(whole.port).encode() not in answer.body
    assert b"delayed connect error" not in answer.body


def test_a_body_that_is_too_large_for_a_header_gets_one_too(whole: Stack) -> None:
    answer = whole.raw(PUBLIC, get_raw(PUBLIC, "/", "Accept: text/html", f"X-Long: {'x' * 70_000}"))
    assert answer.status == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


@pytest.mark.parametrize("path", ["/config_dump", "/stats", "/clusters", "/metrics", "/quitquitquit", "/status"])
def test_no_port_of_the_inside_shows_outside(whole: Stack, path: str) -> None:
    whole.app.clear()
    whole.raw(PUBLIC, get_raw(PUBLIC, path))
    assert [request.target for request in whole.app.requests] == [path]


def test_an_envoy_that_dies_is_started_again_and_everyone_is_still_signed_in(whole: Stack) -> None:
    with whole.signed_in(ALICE, APP) as client:
        envoys = whole.ostiary.descendants()
        for pid in envoys:
            os.kill(pid, signal.SIGKILL)
        whole.ostiary.wait_until_gone(envoys)
        whole.ostiary.process.wait_until(lambda: _answers(whole), what="an Envoy again")
        assert client.get(whole.url(APP)).status_code == HTTPStatus.OK
    assert any(event.get("event") == "envoy_ended" for event in whole.ostiary.events())


def _answers(stack: Stack) -> bool:
    try:
        with stack.program() as program:
            return program.get(stack.url(PUBLIC, "/ping")).status_code == HTTPStatus.OK
    except httpx.TransportError:
        return False
