"""`time_of_day`: true between two times of the day in a time zone."""

import re
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from access_model.policy.data import Data, DataInvalid, Given, mapping_of, text_of, zone_of
from access_model.policy.local_time import next_local, zone_name
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged

_EXAMPLE = '{timezone: Europe/Berlin, after: "7:00", before: "20:00"}'
_TIME = re.compile(r"(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?\s*([ap]m)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """Compares the wall clock of a place: `after` belongs to the span, `before` does not."""

    zone: tzinfo
    """Whose wall clock."""
    after: time | None
    """First time of the day; None for midnight."""
    before: time | None
    """First time that is too late; None for midnight."""

    name = "time_of_day"

    @classmethod
    def read(cls, given: Given) -> "TimeOfDay":
        """Read `{timezone, after, before}`. Raises `DataInvalid`."""
        written = mapping_of(given.data, ("timezone", "after", "before"), _EXAMPLE)
        if "timezone" not in written:
            raise DataInvalid("missing", "`timezone` is missing", f"write `{_EXAMPLE}`")
        zone = zone_of(written["timezone"], "timezone")
        after, before = (_time(written.get(key), key) for key in ("after", "before"))
        if after is None and before is None:
            raise DataInvalid("missing", "neither `after` nor `before` is given", f"write `{_EXAMPLE}`")
        if before is not None and before <= (after or time.min):
            remedy = "a span over midnight takes two criteria under `or`: one with `after`, one with `before`"
            raise DataInvalid("never-true", "`before` does not come behind `after`", remedy, at=("before",))
        return cls(zone, after, before)

    @property
    def data(self) -> str:
        """Span and zone, for people."""
        ends = (("after", self.after), ("before", self.before))
        span = " ".join(f"{word} {end.isoformat()}" for word, end in ends if end is not None)
        return f"{span} in {zone_name(self.zone)}"

    @property
    def depends_on(self) -> Dependencies:
        """The clock."""
        return Dependencies.CLOCK

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the wall clock."""
        now = asked.now.astimezone(self.zone).time()
        begun = self.after is None or now >= self.after
        holds = begun and (self.before is None or now < self.before)
        return judged(holds, Reason.TIME_OF_DAY_OK if holds else Reason.TIME_OF_DAY_UNAUTHORIZED)

    def next_boundary(self, asked: PolicyInput) -> datetime | None:
        """The next moment at which it may change."""
        return next_local(asked.now, self.zone, [end for end in (self.after, self.before) if end is not None])


def _time(data: Data, key: str) -> time | None:
    if data is None:
        return None
    text = text_of(data, key)
    found = _TIME.fullmatch(text.strip())
    try:
        if found is None or (found[2] is None and found[4] is None):
            raise ValueError(text)
        return time(_hour(int(found[1]), found[4]), int(found[2] or 0), int(found[3] or 0))
    except ValueError:
        remedy = "write `3:04 PM`, `3PM`, `15:04` or `15:04:05`"
        raise DataInvalid("bad-time", f"`{text}` is not a time of the day", remedy, at=(key,)) from None


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half.lower() == "pm" else 0)
