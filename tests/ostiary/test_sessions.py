"""`ostiary sessions` and `ostiary keys`, on a real database."""

import asyncio
import base64
import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from access_model.keys import Purpose, derive_key
from access_model.secret import Secret
from ostiary.cli import app
from session_store.key_generation import generate_signing_key
from session_store.open import open_store
from session_store.records import Handle, KnownSession, Session, Tokens, User
from session_store.sealing import Sealer, key_id
from tests.harness.ports import free_port
from tests.session_store.samples import unless_kept

NOW = datetime.now(UTC)
OLD, NEW = b"the old shared secret, 32 bytes!", b"the new shared secret, 32 bytes!"
CONFIGURATION = """\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
session_store_url: sqlite:///{folder}/ostiary.sqlite3
shared_secret: {secret}
routes:
  - from: https://public.localhost:8443
    to: http://127.0.0.1:9000
    allow_public_unauthenticated_access: true
"""


def write(folder: Path, secret: bytes, previous: bytes | None = None) -> Path:
    text = CONFIGURATION.format(folder=folder, secret=base64.b64encode(secret).decode())
    if previous:
        text += f"previous_shared_secret: {base64.b64encode(previous).decode()}\n"
    file = folder / "ostiary.yaml"
    file.write_text(text)
    return file


def sealing_key(secret: bytes) -> bytes:
    return derive_key(Secret.of(secret), Purpose.STORE_AT_REST)


async def fill(folder: Path) -> None:
    store = await open_store(
        f"sqlite:///{folder}/ostiary.sqlite3", sealer=Sealer.single(sealing_key(OLD)), entropy=os.urandom
    )
    for name, user, provider in (("s1", "anna", "main"), ("s2", "anna", "other"), ("s3", "bert", "main")):
        person = User("https://id.example", user, f"{user}@example.com", True, user.title(), {"groups": ("staff",)})
        tokens = Tokens(Secret.of(f"access-{name}"), Secret.of(f"refresh-{name}"), Secret.of(f"id-{name}"))
        end = NOW + timedelta(hours=1)
        session = Session(name, user, person.issuer, provider, NOW, NOW, end, {"acr": ("2",)}, tokens=tokens)
        await store.save_sign_in(session, person, Handle(name.encode(), name, "app.localhost", NOW))
    await store.change_signing_keys(unless_kept(generate_signing_key(NOW)), NOW)
    await store.close()


async def found(folder: Path, secret: bytes) -> list[KnownSession | None]:
    url = f"sqlite:///{folder}/ostiary.sqlite3"
    store = await open_store(url, sealer=Sealer.single(sealing_key(secret)), entropy=os.urandom)
    try:
        assert len(await store.signing_keys()) <= 1
        return [await store.find_by_handle(name, "app.localhost", NOW) for name in (b"s1", b"s2", b"s3")]
    finally:
        await store.close()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    asyncio.run(fill(tmp_path))
    return write(tmp_path, OLD)


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(config)])


def ids(result: Result) -> list[str]:
    return [session["id"] for session in json.loads(result.stdout)]


def test_sessions_are_listed(config: Path) -> None:
    assert ids(run(config, "sessions", "list", "--json")) == ["s1", "s2", "s3"]
    assert ids(run(config, "sessions", "list", "--json", "--user", "anna@example.com")) == ["s1", "s2"]
    assert ids(run(config, "sessions", "list", "--json", "--provider", "other")) == ["s2"]
    table = run(config, "sessions", "list").stdout
    assert "anna@example.com" in table
    assert table.endswith("3 sessions\n")


def test_a_session_is_shown_without_its_tokens(config: Path) -> None:
    shown = run(config, "sessions", "show", "s1")
    assert json.loads(shown.stdout)["claims"] == {"acr": ["2"]}
    assert not any(token in shown.stdout for token in ("access-s1", "refresh-s1", "id-s1"))
    missing = run(config, "sessions", "show", "s9")
    assert missing.exit_code == 1
    assert "there is no session `s9`" in missing.stderr


@pytest.mark.parametrize(
    ("which", "left"),
    [
        (["s1"], ["s2", "s3"]),
        (["--user", "anna"], ["s3"]),
        (["--provider", "main"], ["s2"]),
        (["--provider", "main", "--user", "anna"], ["s2", "s3"]),
        (["--all"], []),
    ],
)
def test_sessions_are_revoked(config: Path, which: list[str], left: list[str]) -> None:
    revoked = run(config, "sessions", "revoke", *which)
    count = 3 - len(left)
    assert (revoked.exit_code, revoked.stdout) == (0, f"ended {count} session{'' if count == 1 else 's'}\n")
    assert ids(run(config, "sessions", "list", "--json")) == left


def test_a_provider_that_does_not_answer_keeps_nobody_signed_in(config: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    client = f"{{issuer: '{nobody}', client_id: x, client_secret: y}}"
    config.write_text(f"{config.read_text()}identity_providers: {{main: {client}}}\n")
    revoked = run(config, "sessions", "revoke", "--user", "anna")
    assert (revoked.exit_code, revoked.stdout) == (0, "ended 2 sessions\n")
    assert revoked.stderr.startswith("the identity provider did not revoke the tokens of 1 session: ")
    assert "does not answer" in revoked.stderr
    assert ids(run(config, "sessions", "list", "--json")) == ["s3"]


@pytest.mark.parametrize("which", [[], ["--all", "--user", "anna"], ["--all", "s1"]])
def test_whom_to_revoke_has_to_be_said(config: Path, which: list[str]) -> None:
    assert run(config, "sessions", "revoke", *which).exit_code == 2
    assert len(ids(run(config, "sessions", "list", "--json"))) == 3


def test_nothing_revoked_is_not_success(config: Path) -> None:
    assert run(config, "sessions", "revoke", "s9").exit_code == 1


def test_a_store_in_memory_is_out_of_reach(config: Path) -> None:
    config.write_text(config.read_text().replace("sqlite:///", "memory:// # "))
    assert "belongs to the running process alone" in run(config, "sessions", "list").stderr


def test_the_secret_is_exchanged_without_signing_anybody_out(config: Path, tmp_path: Path) -> None:
    before = asyncio.run(found(tmp_path, OLD))
    write(tmp_path, NEW, OLD)
    assert run(config, "keys", "rewrap").stdout == "sealed 4 values anew\n"
    assert run(config, "keys", "rewrap").stdout == "nothing to do\n"
    assert asyncio.run(found(tmp_path, NEW)) == before
    assert None not in before
    assert asyncio.run(found(tmp_path, OLD)) == [None, None, None]
    with closing(sqlite3.connect(tmp_path / "ostiary.sqlite3")) as database:
        dump = b"".join(
            value if isinstance(value, bytes) else str(value).encode()
            for table in ("sessions", "signing_keys")
            for row in database.execute(f"SELECT * FROM {table}")
            for value in row
        )
    assert key_id(sealing_key(NEW)) in dump
    assert key_id(sealing_key(OLD)) not in dump
    assert not any(word in dump for word in (b"access-s", b"refresh-s", b"id-s", b"PRIVATE KEY"))


def test_without_a_previous_secret_there_is_nothing_to_seal_anew(config: Path) -> None:
    assert run(config, "keys", "rewrap").stdout == "nothing to do\n"
