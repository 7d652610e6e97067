"""`ostiary validate`: every mistake at once, each with its line and what to do."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ostiary.cli import app

SEVEN_MISTAKES = """\
address: nowhere
authenticate_service_url: ftp://auth.example.com
shared_secret: short
idp_provider: oidc
idp_provider_url: https://id.example.com
idp_client_id: ostiary
cookie_expire: fourteen
rotues: []
routes:
  - from: https://a.example.com/path
    to: http://10.0.0.1
    allow_any_authenticated_user: true
  - from: https://b.example.com
    allow_any_authenticated_user: true
"""
LINES = [1, 2, 3, 7, 8, 10, 13]
VALID = """\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
routes:
  - from: https://public.localhost:8443
    to: http://127.0.0.1:9000
    allow_public_unauthenticated_access: true
"""


def _validate(file: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["validate", "-c", str(file), *options])


def test_seven_mistakes_are_seven_messages_with_line_and_remedy(tmp_path: Path) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text(SEVEN_MISTAKES)
    result = _validate(file)
    assert result.exit_code == 1
    assert [int(line) for line in re.findall(r"ostiary\.yaml:(\d+): error", result.stderr)] == LINES
    assert "7 errors" in result.stderr
    assert "did you mean `routes`?" in result.stderr
    assert result.stdout == ""


def test_programs_get_json(tmp_path: Path) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text(SEVEN_MISTAKES)
    result = _validate(file, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["valid"]) == (1, False)
    assert [problem["line"] for problem in told["errors"]] == LINES
    assert all(problem["message"] and problem["remedy"] and problem["code"] for problem in told["errors"])


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_right_file_exits_with_0(tmp_path: Path, options: tuple[str, ...]) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text(VALID)
    result = _validate(file, *options)
    assert result.exit_code == 0
    assert "valid" in result.stdout


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text(VALID)
    assert json.loads(_validate(file, "--json").stdout)["valid"]
    assert [each.name for each in tmp_path.iterdir()] == ["ostiary.yaml"]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_missing_file_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    result = _validate(tmp_path / "nothing.yaml", *options)
    assert result.exit_code == 1
    assert "nothing.yaml" in result.output
    assert "Traceback" not in result.output


def test_a_secret_is_never_printed(tmp_path: Path) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text(VALID.replace("routes:", "shared_secret: hunter2hunter2\nidp_client_secret: [hunter2]\nroutes:"))
    for options in ((), ("--json",)):
        result = _validate(file, *options)
        assert result.exit_code == 1
        assert "hunter2" not in result.output


@pytest.mark.parametrize("file", ["examples/demo/ostiary.yaml", "deploy/ostiary.yaml", "deploy/mesh/ostiary.yaml"])
def test_the_files_we_ship_are_right(file: str) -> None:
    result = _validate(Path(__file__).parents[2] / file)
    assert result.exit_code == 0, result.output
    assert "warning" not in result.stderr


def _with_envoy(tmp_path: Path, script: str) -> Path:
    envoy = tmp_path / "envoy"
    envoy.write_text(f"#!/bin/sh\n{script}\n")
    envoy.chmod(0o755)
    file = tmp_path / "ostiary.yaml"
    file.write_text(f"{VALID}envoy:\n  path: {envoy}\n")
    return file


def test_what_the_real_envoy_refuses_is_not_right(tmp_path: Path) -> None:
    file = _with_envoy(tmp_path, "echo 'error initializing: no such luck' >&2; exit 1")
    result = _validate(file)
    assert result.exit_code == 1
    assert "Envoy refuses it: error initializing: no such luck" in result.stderr
    told = json.loads(_validate(file, "--json").stdout)
    assert (told["valid"], told["checked_by_envoy"]) == (False, True)
    assert _validate(file, "--no-envoy").exit_code == 0


def test_the_real_envoy_is_asked_where_there_is_one(tmp_path: Path) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text(VALID)
    assert "accepted by Envoy" in _validate(file).stdout


@pytest.mark.parametrize("options", [("--no-envoy",), ("--json", "--no-envoy")])
def test_a_data_file_that_is_not_right_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text(VALID + "directory: {file: {users: users.csv}}\n")
    (tmp_path / "users.csv").write_text("name\nAnn\n")
    result = _validate(file, *options)
    assert result.exit_code == 1
    assert "the data file `users.csv` cannot be used: row 1 has no `id`" in result.output
    (tmp_path / "users.csv").write_text("id\nann\n")
    assert _validate(file, *options).exit_code == 0
