"""What a verb does not need is not imported: a command that answers at once is a command that people use."""

import subprocess
import sys

import pytest
import typer

from ostiary.verbs import VERBS, Verbs, imported

HEAVY = {
    "access_model",
    "alembic",
    "betterproto2",
    "control_plane",
    "cryptography",
    "envoy_data_plane",
    "extauthz",
    "google.protobuf",
    "grpc",
    "httpx",
    "prometheus_client",
    "pydantic",
    "session_store",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "watchfiles",
}
"""Rooms and libraries that take their time."""

AFTERWARDS = """\
import sys
from ostiary.cli import main
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
print("imported:", *sys.modules)
"""


def imported_by(*arguments: str) -> set[str]:
    """What of the heavy is there after a command that succeeds."""
    command = [sys.executable, "-c", AFTERWARDS, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=50)
    return HEAVY & set(done.stdout.rpartition("imported:")[2].split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]], ids=" ".join)
def test_telling_of_itself_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported_by(*arguments) == set()


def test_checking_a_file_imports_no_server_and_no_store() -> None:
    needed = {"access_model", "betterproto2", "control_plane", "cryptography", "envoy_data_plane", "google.protobuf"}
    assert imported_by("validate", "--help") - needed == {"pydantic"}


def test_the_database_is_looked_after_without_the_services() -> None:
    assert not imported_by("db", "--help") & {"control_plane", "extauthz", "grpc", "starlette", "uvicorn"}


@pytest.mark.parametrize("name", VERBS)
def test_what_is_said_before_a_verb_is_imported_is_what_it_says_itself(name: str) -> None:
    told = imported(name).help.partition("\n\n")[0]
    assert " ".join(told.split()) == VERBS[name].help


def test_the_verbs_are_listed_in_their_order() -> None:
    group = typer.main.get_group(typer.Typer(cls=Verbs))
    assert list(group.commands) == list(VERBS)
