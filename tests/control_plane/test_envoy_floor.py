"""Which Envoys are too old."""

import pytest

from control_plane.envoy_floor import below_floor, floor_text


@pytest.mark.parametrize("version", ["1.39.3", "1.9.99", "0.99.0", "1.39.3-dev"])
def test_older_ones_are(version: str) -> None:
    assert below_floor(version)


@pytest.mark.parametrize("version", ["1.40.0", "1.40.1-dev", "1.100.0", "2.0.0", "", "unknown", "1.39"])
def test_others_are_not(version: str) -> None:
    assert not below_floor(version)


def test_the_floor_is_what_the_package_asks_for() -> None:
    assert floor_text() == "1.40.0"
