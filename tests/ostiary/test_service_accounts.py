"""`ostiary service-accounts`: a token is shown once, opens every host until it ends or is revoked, and lies nowhere."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from extauthz.session_cookie import token_hash
from ostiary.cli import app
from session_store.open import open_store
from session_store.records import KnownSession
from session_store.sealing import Sealer

SECRET = "s" * 32
CONFIGURATION = """\
address: 127.0.0.1:8443
shared_secret: {secret}
session_store_url: sqlite:///{folder}/ostiary.sqlite3
routes:
  - from: https://public.localhost:8443
    to: http://127.0.0.1:9000
    allow_public_unauthenticated_access: true
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "ostiary.yaml"
    file.write_text(CONFIGURATION.format(folder=tmp_path, secret=SECRET))
    return file


def run(config: Path, verb: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["service-accounts", verb, "-c", str(config), *arguments])


def opened(config: Path, token: str, host: str, now: datetime) -> KnownSession | None:
    async def find() -> KnownSession | None:
        store = await open_store(
            f"sqlite:///{config.parent}/ostiary.sqlite3", sealer=Sealer.single(b"k" * 32), entropy=secrets.token_bytes
        )
        try:
            return await store.find_by_handle(token_hash(token), host, now)
        finally:
            await store.close()

    return asyncio.run(find())


def created(config: Path, *more: str) -> tuple[str, str]:
    done = run(config, "create", "--user", "ci-bot", "--expires", "30d", *more)
    assert done.exit_code == 0, done.output
    return done.stdout.strip(), done.stderr.split()[2]


def test_a_token_opens_every_host_until_it_ends(config: Path) -> None:
    token, account = created(config, "--email", "ci@example.com", "--name", "CI", "--group", "ops", "--group", "ci")
    now = datetime.now(UTC)
    for host in ("app.example.com", "other.example.com"):
        known = opened(config, token, host, now)
        assert known is not None
        assert (known.session.id, known.user.id, known.user.email) == (account, "ci-bot", "ci@example.com")
        assert (known.user.email_verified, known.user.name) == (True, "CI")
        assert known.user.claims["groups"] == ("ops", "ci")
    assert opened(config, token, "app.example.com", now + timedelta(days=31)) is None


def test_the_token_lies_nowhere(config: Path) -> None:
    token, _ = created(config)
    for file in config.parent.iterdir():
        assert token.encode() not in file.read_bytes()
        assert token.removeprefix("osa_").encode() not in file.read_bytes()
    assert token not in run(config, "list").output


def test_accounts_are_listed_and_revoked(config: Path) -> None:
    token, account = created(config, "--description", "deploys the site")
    second, _ = created(config)
    listed = run(config, "list").stdout.splitlines()
    assert len(listed) == 2
    assert any(account in line and "ci-bot" in line and "deploys the site" in line for line in listed)
    done = run(config, "revoke", account)
    assert (done.exit_code, done.stdout) == (0, f"service account {account} is revoked\n")
    assert opened(config, token, "app.example.com", datetime.now(UTC)) is None
    assert opened(config, second, "app.example.com", datetime.now(UTC)) is not None
    again = run(config, "revoke", account)
    assert again.exit_code == 1
    assert "there is no service account" in again.stderr


@pytest.mark.parametrize(
    ("user", "expires"),
    [("bot", "yesterday"), ("bot", "0s"), ("bot", "2020-01-01"), ("", "1h"), ("bot", "-1d"), ("b\nt", "1h")],
)
def test_what_cannot_be_an_account_is_refused(config: Path, user: str, expires: str) -> None:
    done = run(config, "create", "--user", user, f"--expires={expires}")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "there are no service accounts" in run(config, "list").stderr


def test_an_end_can_be_a_date(config: Path) -> None:
    done = run(config, "create", "--user", "bot", "--expires", "2099-01-31")
    assert "2099-01-31T00:00:00Z" in done.stderr


def test_the_configuration_is_needed(tmp_path: Path) -> None:
    assert run(tmp_path / "none.yaml", "list").exit_code == 1
