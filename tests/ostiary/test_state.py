"""What an installation keeps between starts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from access_model.load import load
from access_model.model import AccessModel
from access_model.secret import Secret
from ostiary.configuration import ConfigurationFile
from ostiary.state import StateUnusable, shared_secret, state_folder, store_url
from tests.ostiary.test_validate import VALID


@pytest.fixture
def model() -> AccessModel:
    return load(VALID, source="ostiary.yaml", environment={}, read_file=lambda _: b"").model


def test_a_secret_is_made_once_and_only_we_may_read_it(model: AccessModel, tmp_path: Path) -> None:
    first = shared_secret(model, tmp_path).reveal()
    assert len(first) == 32
    assert shared_secret(model, tmp_path).reveal() == first
    assert (tmp_path / "shared_secret").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["shared_secret"]


def test_two_that_start_at_once_agree(model: AccessModel, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = {pool.submit(shared_secret, model, tmp_path).result().reveal() for _ in range(32)}
    assert len(secrets) == 1


def test_the_configured_secret_wins_and_nothing_is_written(model: AccessModel, tmp_path: Path) -> None:
    configured = Secret.of(b"x" * 32)
    assert shared_secret(replace(model, shared_secret=configured), tmp_path) is configured
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"short", b"not base64 at all!"])
def test_a_damaged_secret_is_not_replaced(model: AccessModel, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "shared_secret"
    file.write_bytes(content)
    with pytest.raises(StateUnusable, match="restore it, or delete it together with the store"):
        shared_secret(model, tmp_path)
    assert file.read_bytes() == content


def test_relative_paths_begin_at_the_configuration(model: AccessModel, tmp_path: Path) -> None:
    file = ConfigurationFile(tmp_path / "etc" / "ostiary.yaml")
    (tmp_path / "etc").mkdir()
    relative = replace(model, store_url="sqlite:///state/sessions.sqlite3")
    assert store_url(file, relative) == f"sqlite:///{tmp_path}/etc/state/sessions.sqlite3"
    assert state_folder(file, relative) == tmp_path / "etc" / "state"
    assert (tmp_path / "etc" / "state").stat().st_mode & 0o777 == 0o700


def test_an_absolute_path_stays(model: AccessModel, tmp_path: Path) -> None:
    file = ConfigurationFile(tmp_path / "ostiary.yaml")
    absolute = replace(model, store_url=f"sqlite:///{tmp_path}/here/x.sqlite3")
    assert store_url(file, absolute) == f"sqlite:///{tmp_path}/here/x.sqlite3"


def test_without_a_file_for_the_store_state_lies_beside_the_configuration(model: AccessModel, tmp_path: Path) -> None:
    file = ConfigurationFile(tmp_path / "ostiary.yaml")
    assert state_folder(file, replace(model, store_url="memory://")) == tmp_path / ".state"
