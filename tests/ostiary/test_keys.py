"""`ostiary keys list` and `rotate`, on a real database."""

import base64
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ostiary.cli import app
from session_store.key_generation import generate_signing_key

CONFIGURATION = f"""\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
session_store_url: sqlite:///ostiary.sqlite3
shared_secret: {base64.b64encode(b"the shared secret of every test!").decode()}
routes:
  - from: https://public.localhost:8443
    to: http://127.0.0.1:9000
    allow_public_unauthenticated_access: true
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "ostiary.yaml"
    file.write_text(CONFIGURATION)
    return file


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["keys", *arguments, "-c", str(config)])


def phases(config: Path) -> dict[str, str]:
    return {key["kid"]: key["phase"] for key in json.loads(run(config, "list", "--json").stdout)}


def age(config: Path) -> None:
    """Let all keys have been made an hour earlier."""
    with closing(sqlite3.connect(config.with_name("ostiary.sqlite3"))) as database, database:
        database.execute("UPDATE signing_keys SET created = ?", [str(datetime.now(UTC) - timedelta(hours=1))[:26]])


def test_a_key_that_nobody_has_seen_yet_does_not_sign(config: Path) -> None:
    refused = run(config, "rotate")
    assert refused.exit_code == 1
    assert "verifiers do not surely know the next key before" in refused.stderr
    assert list(phases(config).values()) == ["current", "next"]


@pytest.mark.parametrize(("options", "old"), [([], ["previous"]), (["--now"], [])])
def test_the_next_key_signs_and_the_old_one_stays_unless_it_has_leaked(
    config: Path, options: list[str], old: list[str]
) -> None:
    run(config, "rotate")
    _, following = phases(config)
    age(config)
    assert run(config, "rotate", *options).stdout == f"`{following}` signs from now on\n"
    after = phases(config)
    assert next(iter(after)) == following
    assert list(after.values()) == ["current", "next", *old]


def test_the_list_is_for_people_too_and_shows_no_key(config: Path) -> None:
    run(config, "rotate")
    shown = run(config, "list").stdout
    assert all(word in shown for word in ("current", "next", *phases(config)))
    assert "PRIVATE" not in shown + run(config, "list", "--json").stdout


def test_a_key_of_the_configuration_is_exchanged_there(config: Path) -> None:
    pem = base64.b64encode(generate_signing_key(datetime.now(UTC)).private_pem.reveal()).decode()
    config.write_text(f"{CONFIGURATION}signing_key: {pem}\n")
    refused = run(config, "rotate")
    assert refused.exit_code == 1
    assert "put a new key before the old one" in refused.stderr
