"""Whatever is missing, slow or dead: the upstream is not reached, and the client gets a clear answer."""

import os
import signal
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.harness.identity_provider import ALICE
from tests.harness.split import SplitStack, running_split_stack
from tests.harness.stack import APP, PUBLIC, Stack, running_stack
from tests.harness.web_client import login

BROWSER = {"accept": "text/html"}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stack]:
    """Give a stack that the test may break."""
    with running_stack(tmp_path) as running:
        yield running


@pytest.fixture
def split(tmp_path: Path) -> Iterator[SplitStack]:
    """Give control plane, decision service and Envoy as processes of their own."""
    with running_split_stack(tmp_path) as running:
        yield running


def test_split_services_serve_a_login(split: SplitStack) -> None:
    with split.stack.signed_in(ALICE, APP):
        assert split.stack.app.requests


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stuck"])
def test_without_ext_authz_nobody_passes(split: SplitStack, number: signal.Signals) -> None:
    with split.stack.signed_in(ALICE, APP) as client:
        split.stack.app.clear()
        split.extauthz.process.signal(number)
        answers = [client.get(split.stack.url(APP)), client.get(split.stack.url(PUBLIC))]
        split.extauthz.process.signal(signal.SIGCONT) if number == signal.SIGSTOP else split.extauthz.process.stop()
    for answer in answers:
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert "<html" in answer.text
    assert split.stack.app.requests == []


def test_without_the_control_plane_traffic_goes_on(split: SplitStack) -> None:
    with split.stack.signed_in(ALICE, APP) as client:
        split.control_plane.process.signal(signal.SIGKILL)
        split.control_plane.process.wait_for_end()
        assert client.get(split.stack.url(APP)).status_code == HTTPStatus.OK


def test_with_the_store_s_file_gone_known_sessions_end_with_the_grace(own: Stack, tmp_path: Path) -> None:
    own.ostiary.rewrite({**own.config, "store_grace": "1s"})
    own.ostiary.process.wait_for_line("configuration_reloaded")
    with own.signed_in(ALICE, APP) as client, own.program() as stranger:
        for file in tmp_path.glob("sessions.sqlite3*"):
            file.unlink()
        refused = lambda: client.get(own.url(APP)).status_code == HTTPStatus.SERVICE_UNAVAILABLE  # noqa: E731
        own.ostiary.process.wait_until(refused, what="refusing", deadline=10)
        own.app.clear()
        known = client.get(own.url(APP))
        unknown = stranger.get(own.url(APP), headers=BROWSER)
        public = stranger.get(own.url(PUBLIC), headers=BROWSER)
    assert known.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert unknown.status_code in {HTTPStatus.FOUND, HTTPStatus.SERVICE_UNAVAILABLE}
    assert public.status_code == HTTPStatus.OK
    assert [request.value("x-email") for request in own.app.requests] == [""]


def test_no_login_without_a_store(own: Stack, tmp_path: Path) -> None:
    for file in tmp_path.glob("sessions.sqlite3*"):
        file.unlink()
    with own.client() as client:
        page = login(client, own.url(APP), ALICE.email, ALICE.password)
        assert page.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert "<html" in page.text
        assert "__Host-_pomerium=" not in (client.jar.header(own.url(APP), 0) or "")
    assert own.app.requests == []


def test_without_the_provider_sessions_go_on(own: Stack) -> None:
    with own.signed_in(ALICE, APP) as client:
        own.provider.process.stop()
        assert client.get(own.url(APP)).status_code == HTTPStatus.OK


def test_without_the_provider_a_login_ends_in_a_page(own: Stack) -> None:
    own.provider.process.stop()
    with own.client() as client:
        page = client.get(own.url(APP))
    assert page.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "<html" in page.text
    assert own.app.requests == []


def test_a_provider_that_dies_during_the_login_ends_it_in_a_page(own: Stack) -> None:
    with own.client() as client:
        form = client.get(own.url(APP))
        answer = client.submit(form, {"username": ALICE.email, "password": ALICE.password}, follow=False)
        while answer.headers["location"].startswith(own.provider.issuer):
            answer = client.get(answer.headers["location"], follow=False)
        own.provider.process.stop()
        page = client.get(answer.headers["location"])
    assert page.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert own.app.requests == []


def test_a_restart_keeps_everyone_signed_in(tmp_path: Path) -> None:
    with running_stack(tmp_path) as first, first.signed_in(ALICE, APP) as client:
        cookie = client.jar.header(first.url(APP), 0) or ""
    with running_stack(tmp_path) as second, second.program() as program:
        answer = program.get(second.url(APP), headers={"cookie": cookie})
    assert answer.status_code == HTTPStatus.OK


def test_killed_outright_it_leaves_no_envoy_behind(own: Stack) -> None:
    envoys = own.ostiary.descendants()
    watched = [os.pidfd_open(pid) for pid in envoys]
    assert watched
    own.ostiary.process.signal(signal.SIGKILL)
    own.ostiary.process.wait_for_end()
    own.ostiary.wait_until_gone(envoys)
    for descriptor in watched:
        os.close(descriptor)
