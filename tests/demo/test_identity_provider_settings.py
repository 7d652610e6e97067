"""A settings file that cannot work ends the provider with a word on what to repair."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.harness import parts
from tests.harness.identity_provider import PROVIDER
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.upstream import Upstream

SETTINGS: dict[str, Any] = json.loads((PROVIDER / "settings.json").read_text("utf-8"))


def start(folder: Path, settings: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
    file = folder / "settings.json"
    file.write_text(json.dumps(settings), "utf-8")
    command = [parts.node(), PROVIDER / "server.mjs", file]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"isuer": "x"}, "unknown key `isuer`"),
        ({"token_lifetimes": {"access": 1}}, "unknown lifetime `access`"),
        ({"token_lifetimes": {"access_token": 0}}, "must be whole seconds above 0, got `0`"),
        ({"users": [{"id": "a"}]}, "a user needs `id`, `password` and `email`"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    done = start(tmp_path, {**SETTINGS, "listen": {"host": LOOPBACK, "port": free_port()}, **change})
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stdout == ""


def test_a_taken_port_is_named(tmp_path: Path, upstream: Upstream) -> None:
    done = start(tmp_path, {**SETTINGS, "listen": {"host": LOOPBACK, "port": upstream.port}})
    assert done.returncode == 1
    assert f"cannot listen on `{LOOPBACK}:{upstream.port}`" in done.stderr


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((PROVIDER / "package-lock.json").read_text("utf-8"))["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all(package.get("integrity") for name, package in packages.items() if name)
