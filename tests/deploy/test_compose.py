"""The compose file says what it means, and its Envoy starts from the bootstrap that we render."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from ostiary.cli import app
from tests.harness import parts

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_docker_compose_reads_it() -> None:
    command = _compose()
    process = subprocess.run(
        [*command, "-f", str(DEPLOY / "docker-compose.yml"), "config"], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    services = yaml.safe_load(process.stdout)["services"]
    assert {"envoy", "control-plane", "extauthz", "identity-provider", "verify"} <= set(services)


def test_only_loopback_ports_of_the_machine_are_published() -> None:
    services = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text())["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_its_bootstrap_is_the_one_we_render() -> None:
    result = CliRunner().invoke(app, ["xds", "bootstrap", "-c", str(DEPLOY / "ostiary.yaml"), "--node-id", "compose"])
    assert result.exit_code == 0, result.output
    assert json.loads((DEPLOY / "envoy-bootstrap.json").read_text()) == json.loads(result.stdout)


@pytest.mark.parametrize("file", ["envoy-bootstrap.json", "mesh/envoy.yaml"])
def test_envoy_accepts(file: str) -> None:
    process = subprocess.run(
        [str(parts.envoy()), "--mode", "validate", "-c", str(DEPLOY / file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr


def test_the_identity_provider_knows_where_to_send_people_back() -> None:
    provider = json.loads((DEPLOY / "identity-provider.json").read_text())
    config = yaml.safe_load((DEPLOY / "ostiary.yaml").read_text())
    (client,) = provider["clients"]
    assert client["client_id"] == config["idp_client_id"]
    assert client["client_secret"] == config["idp_client_secret"]
    assert client["redirect_uris"] == [f"{config['authenticate_service_url']}/oauth2/callback"]


def _compose() -> list[str]:
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    probe = (
        subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if shutil.which("docker")
        else None
    )
    if probe is not None and probe.returncode == 0:
        return ["docker", "compose"]
    return parts.missing("docker-compose", "install Debian's docker-compose")
