"""Every golden pair holds, and the real Envoy accepts what comes of every configuration."""

import dataclasses
import random
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from access_model.model import AccessModel
from control_plane.bootstrap import render_bootstrap
from control_plane.snapshot import Snapshot
from control_plane.static_configuration import render_static
from control_plane.translate import translate
from tests.control_plane.golden import (
    EXAMPLE,
    PLACES,
    SETTINGS,
    example,
    inputs,
    model_of,
    orphans,
    output_of,
    rendered,
)
from tests.harness import parts
from tests.harness.certificates import ServerCertificate, make_certificate

REWRITE = "look at the difference, then `make golden`"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), ["app.example.com"])


@pytest.fixture(params=inputs(), ids=lambda path: path.name.removesuffix(".in.yaml"))
def configuration(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def model(configuration: Path, certificate: ServerCertificate) -> AccessModel:
    return model_of(configuration, certificate)


def test_the_output_is_what_was_reviewed(configuration: Path, model: AccessModel) -> None:
    assert rendered(model) == output_of(configuration).read_text("utf-8"), REWRITE


def test_no_output_is_left_over() -> None:
    assert orphans() == [], REWRITE


def test_the_example_is_current(certificate: ServerCertificate) -> None:
    assert example(certificate) == EXAMPLE.read_text("utf-8"), REWRITE


def test_the_resources_are_a_consistent_snapshot(model: AccessModel) -> None:
    assert Snapshot.build(translate(model, PLACES)).version


def test_what_has_no_order_gives_the_same_bytes_in_any_order(model: AccessModel) -> None:
    assert translate(_shuffled(model, random.Random(7)), PLACES) == translate(model, PLACES)


def test_envoy_accepts_it(model: AccessModel, tmp_path: Path) -> None:
    _accepted(render_static(model, dataclasses.replace(PLACES, ca_bundle=_some_bundle(tmp_path)), SETTINGS), tmp_path)


def test_envoy_accepts_the_bootstrap(tmp_path: Path) -> None:
    _accepted(render_bootstrap(SETTINGS), tmp_path)


def _accepted(configuration: str, folder: Path) -> None:
    file = folder / "envoy.json"
    file.write_text(configuration, "utf-8")
    command = [str(parts.envoy()), "--mode", "validate", "--config-path", str(file), "--log-level", "warning"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    # A warning here is a field that Envoy deprecates or ignores.
    assert "[warning]" not in done.stderr, done.stderr


def _some_bundle(folder: Path) -> str:
    return str(make_certificate(folder, ["ca.example.com"]).authority)


def _shuffled(model: AccessModel, chance: random.Random) -> AccessModel:
    """Shuffle hosts among each other (the order within a host counts) and every map."""
    by_host = {
        route.origin.host: [each for each in model.routes if each.origin == route.origin] for route in model.routes
    }
    hosts = chance.sample(sorted(by_host), len(by_host))
    routes = [
        dataclasses.replace(route, claim_headers=_reversed(route.claim_headers))
        for host in hosts
        for route in by_host[host]
    ]
    return dataclasses.replace(model, routes=tuple(routes), response_headers=_reversed(model.response_headers))


def _reversed(values: Mapping[str, str]) -> dict[str, str]:
    return dict(reversed(list(values.items())))
