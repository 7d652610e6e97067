"""`ostiary xds`: render and diff need no running service; what asks one says where it looked."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from ostiary.cli import app
from tests.harness import parts
from tests.harness.certificates import make_certificate

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
    assert {"Listener", "RouteConfiguration", "VirtualHost", "Cluster", "Secret"} == set(kinds)
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
    assert sorted(heads) == ["/dev/null", "/dev/null", "Cluster", "Cluster", "VirtualHost", "VirtualHost"]
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


def _apart(file: Path, folder: Path, envoy_folder: Path) -> None:
    """Let the services of the file speak TLS at names of their own."""
    made = make_certificate(folder, ["ostiary.internal"])
    tls = {"cert_file": str(made.chain), "key_file": str(made.key), "client_ca_file": str(made.authority)}
    names = {f"{name}_address": f"ostiary.internal:{port}" for port, name in enumerate(("xds", "check", "web"), 1)}
    services = {**names, "tls": {**tls, "envoy_folder": str(envoy_folder)}}
    file.write_text(CONFIGURATION + yaml.safe_dump({"services": services}))


def test_bootstrap_for_a_remote_envoy_is_files_that_it_accepts(file: Path, tmp_path: Path) -> None:
    output = tmp_path / "envoy"
    _apart(file, tmp_path, output)
    result = _xds("bootstrap", file, "--node-id", "edge-1", "--group", "edge", "--output", str(output))
    assert result.exit_code == 0, result.output
    assert f"copy it to `{output}`" in result.output
    assert json.loads((output / "bootstrap.json").read_text())["node"] == {"id": "edge-1", "cluster": "edge"}
    for name, made in (("tls.crt", "server.pem"), ("tls.key", "server-key.pem"), ("ca.crt", "authority.pem")):
        (output / name).write_bytes((tmp_path / made).read_bytes())
    command = [str(parts.envoy()), "--mode", "validate", "-c", str(output / "bootstrap.json"), "--log-level", "warning"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warning]" not in done.stderr


def test_bootstrap_without_tls_needs_no_files(file: Path, tmp_path: Path) -> None:
    services = {f"{name}_address": f"127.0.0.1:{port}" for port, name in enumerate(("xds", "check", "web"), 1)}
    file.write_text(CONFIGURATION + yaml.safe_dump({"services": services}))
    assert json.loads(_xds("bootstrap", file).stdout)["node"]["id"] == "envoy"
    assert _xds("bootstrap", file, "--output", str(tmp_path / "out")).exit_code == 0
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["bootstrap.json"]


def test_bootstrap_wants_an_address_that_can_be_reached(file: Path) -> None:
    services = {"xds_address": ":1", "check_address": "127.0.0.1:2", "web_address": "127.0.0.1:3"}
    file.write_text(CONFIGURATION + yaml.safe_dump({"services": services | {"xds_listen": "127.0.0.1:1"}}))
    result = _xds("bootstrap", file)
    assert result.exit_code == 1
    assert "`:1` is no address" in result.stderr


def test_envoy_checks_services_over_tls_without_certificates_of_its_own(file: Path, tmp_path: Path) -> None:
    parts.envoy()
    _apart(file, tmp_path, tmp_path / "elsewhere")
    result = CliRunner().invoke(app, ["validate", "-c", str(file), "--json"])
    assert json.loads(result.stdout)["checked_by_envoy"], result.output


def test_run_has_no_use_for_tls_between_its_parts(file: Path, tmp_path: Path) -> None:
    _apart(file, tmp_path, tmp_path / "elsewhere")
    result = CliRunner().invoke(app, ["run", "-c", str(file)])
    assert result.exit_code == 3
    assert "`ostiary control-plane` and `ostiary extauthz`" in result.output
