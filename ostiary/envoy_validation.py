"""Having a real Envoy check what a configuration leads to, without running it."""

import subprocess
import tempfile
from pathlib import Path

from access_model.model import AccessModel
from control_plane.bootstrap import BootstrapSettings
from control_plane.static_configuration import render_static
from control_plane.translate import Places

SECONDS = 120
"""Ten thousand routes take a slow machine a while."""


def objection_of_envoy(executable: str, model: AccessModel, places: Places) -> str:
    """What Envoy says against the configuration; empty when it accepts it. Raises what `translate` raises."""
    with tempfile.TemporaryDirectory(prefix="ostiary-") as folder:  # mode 0700: the file holds private keys
        file = Path(folder, "envoy.json")
        settings = BootstrapSettings("validate", "validate", places.check, f"unix:{folder}/admin.sock")
        file.write_text(render_static(model, places, settings), encoding="utf-8")
        command = [executable, "--mode", "validate", "--config-path", str(file), "--log-level", "error"]
        command += ["--log-format", "%v"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            return f"it did not answer within {SECONDS} s"
        except OSError as error:
            return f"it cannot be run: {error.strerror}"
    if done.returncode == 0:
        return ""
    said = (done.stderr + done.stdout).replace(str(file), "the configuration").strip()
    return said or f"it ended with code {done.returncode}"
