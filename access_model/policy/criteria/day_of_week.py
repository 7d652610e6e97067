"""`day_of_week`: true on certain days."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from access_model.policy.data import Data, DataInvalid, Given, mapping_of, refuse_word, text_of, zone_of
from access_model.policy.local_time import next_local, zone_name
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EXAMPLE = "{days: mon-fri, timezone: Europe/Berlin}"


@dataclass(frozen=True, slots=True)
class DayOfWeek:
    """Compares the day that it is in a time zone."""

    days: frozenset[int]
    """The days, Monday being 0."""
    zone: tzinfo
    """Where the day is asked for."""

    name = "day_of_week"

    @classmethod
    def read(cls, given: Given) -> "DayOfWeek":
        """Read `*`, `mon-fri` or `tue,thu`, alone or as `{days, timezone}`; otherwise the zone is the policy's.

        Raises `DataInvalid`.
        """
        if isinstance(given.data, str):
            days, zone = _days(given.data), given.zone
        else:
            written = mapping_of(given.data, ("days", "timezone"), _EXAMPLE)
            days = _days(written.get("days"), "days")
            zone = zone_of(written["timezone"], "timezone") if "timezone" in written else given.zone
        if zone is None:
            message = "the policy names several time zones, so it is open whose day is meant"
            raise DataInvalid("ambiguous-timezone", message, f"write `{_EXAMPLE}`")
        return cls(days, zone)

    @property
    def data(self) -> str:
        """The days, for people."""
        return f"{','.join(DAYS[day] for day in sorted(self.days))} in {zone_name(self.zone)}"

    @property
    def depends_on(self) -> Dependencies:
        """The clock."""
        return Dependencies.CLOCK

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the day."""
        holds = asked.now.astimezone(self.zone).weekday() in self.days
        return judged(holds, Reason.DAY_OF_WEEK_OK if holds else Reason.DAY_OF_WEEK_UNAUTHORIZED)

    def next_boundary(self, asked: PolicyInput) -> datetime | None:
        """Where the day ends; None if every day will do."""
        return None if len(self.days) == len(DAYS) else next_local(asked.now, self.zone, ())


def _days(data: Data, *at: str) -> frozenset[int]:
    text = text_of(data, *at)
    if text.strip() == "*":
        return frozenset(range(len(DAYS)))
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        begin, end = _day(first, at), _day(last if dash else first, at)
        if begin > end:
            raise DataInvalid("bad-days", f"`{part.strip()}` runs backwards", "write two spans: `sat-sun,mon`", at=at)
        days.update(range(begin, end + 1))
    return frozenset(days)


def _day(text: str, at: tuple[str, ...]) -> int:
    word = text.strip().lower()
    if word in _LONG:
        return _LONG.index(word)
    return DAYS.index(word) if word in DAYS else refuse_word(word, DAYS, "day", at=at)
