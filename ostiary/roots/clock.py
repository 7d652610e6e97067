"""The one clock that is handed to everything."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time, with zone UTC."""
    return datetime.now(UTC)
