"""One Envoy for all tests of this folder that ask what it does with a request."""

from collections.abc import Iterator

import pytest

from access_model.model import AssertionSettings, PathMatch
from control_plane.translate import Places
from tests.control_plane.translate.edge import Edge, running_edge
from tests.control_plane.translate.models import a_model, a_route, a_target
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.upstream import Upstream, recording_upstream


@pytest.fixture(scope="package")
def _recorders() -> Iterator[tuple[Upstream, Upstream]]:
    with recording_upstream() as app, recording_upstream() as web:
        yield app, web


@pytest.fixture(scope="package")
def _edge(_recorders: tuple[Upstream, Upstream], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    app, web = _recorders
    to_app = (a_target(LOOPBACK, app.port),)
    model = a_model(
        a_route("preserving", "preserve.example.com", targets=to_app, preserve_host_header=True),
        a_route("admin", prefix="/admin", targets=to_app),
        a_route("public", prefix="/public", targets=to_app, public=True),
        a_route("deep", prefix="/old/", target_path="/new", targets=to_app),
        a_route("down", prefix="/down", targets=(a_target(LOOPBACK, free_port()),)),
        a_route("numbers", match=PathMatch("regex", "/[0-9]+"), targets=to_app, claim_headers={"X-Team": "team"}),
        a_route("wild", "*.example.com", targets=to_app),
        assertion=AssertionSettings("x-assertion", None),
        response_headers={"content-type": "text/plain", "x-frame-options": "SAMEORIGIN"},
    )
    with running_edge(tmp_path_factory.mktemp("edge"), model, web, Places("", "")) as running:
        yield running


@pytest.fixture
def edge(_edge: Edge, _recorders: tuple[Upstream, Upstream]) -> Edge:
    _edge.forget()
    for recorder in _recorders:
        recorder.clear()
    return _edge


@pytest.fixture
def app(_recorders: tuple[Upstream, Upstream]) -> Upstream:
    return _recorders[0]


@pytest.fixture
def web(_recorders: tuple[Upstream, Upstream]) -> Upstream:
    return _recorders[1]
