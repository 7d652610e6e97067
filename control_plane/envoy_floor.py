"""The oldest Envoy to run with: older ones lack security fixes that our listener relies on."""

import re

FLOOR = (1, 40, 0)
_VERSION = re.compile(r"(\d{1,5})\.(\d{1,5})\.(\d{1,5})", re.ASCII)


def below_floor(version: str) -> bool:
    """Whether a client's version, such as `1.39.3`, is too old; what is no version is not judged."""
    parts = _VERSION.match(version)
    return parts is not None and tuple(map(int, parts.groups())) < FLOOR


def floor_text() -> str:
    """The floor as people write it."""
    return ".".join(map(str, FLOOR))
