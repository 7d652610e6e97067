"""Replicas of the control plane, each a process of its own, agree on every version."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
PROGRAM = """
import sys
from pathlib import Path
from access_model.load import load
from control_plane.snapshot import Snapshot
from control_plane.translate import Places, translate

file = Path(sys.argv[1])
read = lambda name: (file.parent / "files" / name).read_bytes()
loaded = load(file.read_text("utf-8"), source=file.name, environment={}, read_file=read)
snapshot = Snapshot.build(translate(loaded.model, Places("unix:///c", "unix:///w")))
print(snapshot.version, *sorted(resource.version for resource in snapshot))
"""


def versions(configuration: str, seed: int) -> str:
    file = REPOSITORY / "tests" / "control_plane" / "golden" / configuration
    # Sets and dictionaries of texts are in another order with another seed.
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, file],
        check=True,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(REPOSITORY)},
        timeout=50,
    ).stdout


def test_two_processes_give_the_same_versions() -> None:
    for configuration in ("raw.in.yaml", "headers.in.yaml"):
        first, second = versions(configuration, 1), versions(configuration, 2)
        assert first
        assert first == second
