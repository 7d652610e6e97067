"""Durations in Go's notation, as in `1h30m`."""

import re
from datetime import timedelta

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
LONGEST = timedelta(days=3660)
"""Longer ones are no duration but a mistake."""


def read_duration(text: str) -> timedelta | None:
    """Read a duration (`30s`, `1h30m`, `0`); None for what is none. Raises `OverflowError` beyond `LONGEST`."""
    if text != "0" and not _DURATION.fullmatch(text):
        return None
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if seconds > LONGEST.total_seconds():
        raise OverflowError(text)
    return timedelta(seconds=seconds)


def duration_text(duration: timedelta) -> str:
    """Spell a duration: `1h30m`."""
    left, parts = duration.total_seconds(), []
    for unit in ("h", "m"):
        count, left = divmod(left, _UNITS[unit])
        parts += [f"{count:.0f}{unit}"] if count else []
    return "".join([*parts, f"{left:g}s"] if left or not parts else parts)
