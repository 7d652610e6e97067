"""The command line: it teaches, and says what is wrong without a traceback."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ostiary.cli import app

PUBLIC = """\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
session_store_url: sqlite:///{folder}/store/ostiary.sqlite3
routes:
  - from: https://public.localhost:8443
    to: http://127.0.0.1:9000
    allow_public_unauthenticated_access: true
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "ostiary.yaml"
    file.write_text(PUBLIC.format(folder=tmp_path))
    return file


@pytest.mark.parametrize(
    "verb",
    [
        [],
        ["run"],
        ["extauthz"],
        ["control-plane"],
        ["validate"],
        ["explain"],
        ["test"],
        ["db", "migrate"],
        ["sessions"],
        ["sessions", "revoke"],
        ["keys", "rewrap"],
        ["service-accounts"],
        ["xds"],
    ],
)
def test_help_says_what_it_does(verb: list[str]) -> None:
    result = CliRunner().invoke(app, [*verb, "--help"])
    assert result.exit_code == 0
    assert len(result.stdout) > 200


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("ostiary 0.")


@pytest.mark.parametrize("verb", ["run", "extauthz", "control-plane"])
def test_a_service_does_not_start_on_a_file_that_is_wrong(tmp_path: Path, verb: str) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text("rotues: []\n")
    result = CliRunner().invoke(app, [verb, "-c", str(file)])
    assert result.exit_code == 1
    assert "ostiary.yaml:1" in result.stderr


@pytest.mark.parametrize("verb", ["extauthz", "control-plane"])
def test_services_apart_must_be_told_where_to_listen(config: Path, verb: str) -> None:
    result = CliRunner().invoke(app, [verb, "-c", str(config), "--log-level", "error"])
    assert result.exit_code == 3
    assert "has no `services`" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_database_is_checked_and_migrated(config: Path) -> None:
    runner = CliRunner()
    before = runner.invoke(app, ["db", "check", "-c", str(config)])
    assert before.exit_code == 1
    migrated = runner.invoke(app, ["db", "migrate", "-c", str(config)])
    assert (migrated.exit_code, migrated.stdout[:7]) == (0, "applied")
    again = runner.invoke(app, ["db", "migrate", "-c", str(config)])
    assert (again.exit_code, again.stdout) == (0, "nothing to do: the database has the newest schema\n")
    assert runner.invoke(app, ["db", "check", "-c", str(config)]).exit_code == 0
