"""The names in `identity_providers`, which become parts of URLs."""

import re

from access_model.load.marks import Path
from access_model.load.problems import Report

DEFAULT = "default"
"""What routes call the provider at the top of the file."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)


def check_name(path: Path, name: str, report: Report) -> None:
    """Report a name that cannot be one."""
    if _NAME.fullmatch(name) is None or name == DEFAULT:
        message = f"`{name}` is no name for a further provider, for it becomes part of a URL, or means the first"
        report.error(path, "bad-name", message, "use lower-case letters, digits, `-` and `_`")
