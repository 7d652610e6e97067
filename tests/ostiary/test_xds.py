"""`ostiary xds`: render and diff need no running service; what asks one says where it looked."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from ostiary.cli import app

CONFIGURATION = """\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
routes:
  - from: https://public.localhost:8443
    to: http://127.0.0.1:9000
    allow_public_unauthenticated_access: true
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "ostiary.yaml"
    file.write_text(CONFIGURATION)
    return file


def _xds(verb: str, file: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["xds", verb, "-c", str(file), *options])


def test_render_prints_every_resource_without_key_material(file: Path) -> None:
    result = _xds("render", file)
    assert result.exit_code == 0, result.output
    documents = list(yaml.safe_load_all(result.stdout))
    kinds = [document["@type"].rpartition(".")[2] for document in documents]
    assert {"Listener", "RouteConfiguration", "Cluster", "Secret"} == set(kinds)
    (secret,) = [document for document in documents if document["@type"].endswith("Secret")]
    assert secret["tls_certificate"]["private_key"] == "[redacted]"
    assert "PRIVATE KEY" not in result.output
    assert json.loads(_xds("render", file, "--json").stdout) == documents


def test_diff_against_another_file_names_what_changes_and_nothing_else(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(CONFIGURATION.replace("9000", "9001"))
    result = _xds("diff", other, "--against", str(file))
    assert result.exit_code == 0, result.output
    heads = [line.split()[1] for line in result.stdout.splitlines() if line.startswith(("--- ", "+++ "))]
    assert sorted(heads) == ["/dev/null", "/dev/null", "Cluster", "Cluster", "RouteConfiguration", "RouteConfiguration"]
    assert "port_value: 9000" in result.stdout
    assert "port_value: 9001" in result.stdout
    assert "Listener" not in result.stdout


def test_diff_of_equal_files_says_so(file: Path) -> None:
    assert _xds("diff", file, "--against", str(file)).stdout == "nothing would change\n"


@pytest.mark.parametrize("verb", ["status", "diff"])
def test_without_a_running_control_plane_it_says_where_it_looked(file: Path, verb: str) -> None:
    result = _xds(verb, file)
    assert result.exit_code == 1
    assert "control-plane.sock" in result.stderr
    assert "--address" in result.stderr
    assert "Traceback" not in result.output
