"""Wall clocks of places: when they next show a time, across changes between summer and winter time."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def next_local(now: datetime, zone: tzinfo, times: Iterable[time]) -> datetime:
    """The next moment after `now` at which the wall clock shows midnight or one of the times, or is set.

    Returned in UTC. Until then no criterion about these times or the day changes.
    """
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    shown = [
        datetime.combine(today + days * _DAY, at, tzinfo=zone).replace(fold=fold).astimezone(UTC)
        for days in (0, 1, 2)
        for at in (time.min, *times)
        for fold in (0, 1)
    ]
    return _clock_set(now, min(moment for moment in shown if moment > now), zone)


def zone_name(zone: tzinfo) -> str:
    """The zone's IANA name."""
    return str(zone)


def _clock_set(now: datetime, until: datetime, zone: tzinfo) -> datetime:
    """When the clock is set between two moments, found by halving; `until` when it is not."""
    before = now.astimezone(zone).utcoffset()
    if until.astimezone(zone).utcoffset() == before:
        return until
    early, late = now.astimezone(UTC), until
    while late - early > _SECOND:
        middle = early + (late - early) / 2
        early, late = (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
    return late.replace(microsecond=0)
