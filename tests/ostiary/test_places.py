"""The system's authorities, for a configuration that adds to them."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from control_plane.translate.places import DEBIAN_CA_BUNDLE
from ostiary import places
from tests.control_plane.translate.models import a_model


def system_authorities(authorities: str) -> str:
    return places.places_of(a_model(authorities_pem=authorities), Path(), check="", web="").system_authorities


def test_the_bundle_that_envoy_would_use_is_read() -> None:
    assert system_authorities("added") == Path(DEBIAN_CA_BUNDLE).read_text("utf-8")


def test_nothing_is_read_for_nothing() -> None:
    assert system_authorities("") == ""


def test_a_system_without_a_bundle_trusts_what_is_added_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(places, "DEBIAN_CA_BUNDLE", str(tmp_path / "none"))
    with capture_logs() as logs:
        assert system_authorities("added") == ""
    assert [entry["event"] for entry in logs] == ["system_authorities_unread"]
