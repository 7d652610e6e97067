"""The minor version of Envoy before the floor: it understands what we serve, and we say that it should be updated."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import pytest

from control_plane.bootstrap import render_bootstrap
from control_plane.static_configuration import render_static
from tests.control_plane.golden import PLACES, SETTINGS, inputs, model_of
from tests.harness import parts
from tests.harness.certificates import make_certificate
from tests.harness.kept_connection import connected, ping
from tests.harness.stack import APP, HOSTS, PUBLIC, Stack, running_stack

pytestmark = pytest.mark.end_to_end

OLDER = "1.39."


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"envoy": {"path": str(parts.older_envoy()), "concurrency": 1}}
    with running_stack(tmp_path_factory.mktemp("older"), settings=settings) as running:
        yield running


def test_it_is_another_minor_version() -> None:
    done = subprocess.run([parts.older_envoy(), "--version"], capture_output=True, text=True, timeout=10, check=True)
    assert f"/{OLDER}" in done.stdout


@pytest.mark.parametrize("configuration", inputs(), ids=lambda path: path.name.removesuffix(".in.yaml"))
def test_it_accepts_every_translation(configuration: Path, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, ["app.example.com"])
    places = replace(PLACES, ca_bundle=str(certificate.authority))
    _accepted(render_static(model_of(configuration, certificate), places, SETTINGS), tmp_path)


def test_it_accepts_the_bootstrap(tmp_path: Path) -> None:
    _accepted(render_bootstrap(SETTINGS), tmp_path)


def _accepted(configuration: str, folder: Path) -> None:
    file = folder / "envoy.json"
    file.write_text(configuration, "utf-8")
    command = [str(parts.older_envoy()), "--mode", "validate", "--config-path", str(file), "--log-level", "error"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def test_a_login_leads_to_the_upstream(older: Stack) -> None:
    with older.signed_in(host=APP) as client:
        assert client.get(older.url(APP)).status_code == HTTPStatus.OK
    assert older.app.requests


def test_it_is_said_that_it_should_be_updated(older: Stack) -> None:
    (said,) = [event for event in older.ostiary.events() if event.get("event") == "envoy_too_old"]
    assert said["version"].startswith(OLDER)
    assert said["floor"] == "1.40.0"
    assert said["level"] == "warning"


def test_a_change_of_a_route_counts(older: Stack) -> None:
    changed = [
        {**route, "to": older.other.url} if PUBLIC in route["from"] else route for route in older.config["routes"]
    ]
    older.other.clear()
    older.ostiary.rewrite({**older.config, "routes": changed})

    def moved() -> bool:
        with older.program() as program:
            assert program.get(older.url(PUBLIC)).status_code == HTTPStatus.OK
        return bool(older.other.requests)

    older.ostiary.process.wait_until(moved, what="at the other upstream")


def test_a_renewed_certificate_is_shown_and_drops_no_connection(older: Stack, tmp_path: Path) -> None:
    with connected(older.port, PUBLIC) as kept:
        assert ping(kept, PUBLIC) == HTTPStatus.OK
        before = kept.getpeercert(binary_form=True)
        renewed = make_certificate(tmp_path, HOSTS)
        renewed.key.replace(older.certificate.key)
        renewed.chain.replace(older.certificate.chain)

        def shown() -> bool:
            with connected(older.port, PUBLIC) as fresh:
                return fresh.getpeercert(binary_form=True) != before

        older.ostiary.process.wait_until(shown, what="the new certificate shown")
        assert ping(kept, PUBLIC) == HTTPStatus.OK
