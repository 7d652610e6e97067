"""`date`: true from one moment on, until another."""

from dataclasses import dataclass
from datetime import UTC, datetime

from access_model.policy.data import Data, DataInvalid, Given, mapping_of, text_of
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged

_EXAMPLE = "{after: 2026-01-01T00:00:00Z, before: 2027-01-01T00:00:00Z}"


@dataclass(frozen=True, slots=True)
class Date:
    """Compares the time of the decision: `after` belongs to the span, `before` does not."""

    after: datetime | None
    """First moment, with zone; None for no beginning."""
    before: datetime | None
    """First moment that is too late, with zone; None for no end."""

    name = "date"

    @classmethod
    def read(cls, given: Given) -> "Date":
        """Read `{after, before}` in ISO 8601; without an offset, in UTC. Raises `DataInvalid`."""
        written = mapping_of(given.data, ("after", "before"), _EXAMPLE)
        after, before = (_moment(written.get(key), key) for key in ("after", "before"))
        if after is not None and before is not None and before <= after:
            raise DataInvalid("never-true", "`before` does not come behind `after`", "exchange them", at=("before",))
        return cls(after, before)

    @property
    def data(self) -> str:
        """The span, for people."""
        ends = (("after", self.after), ("before", self.before))
        return " ".join(f"{word} {moment.isoformat()}" for word, moment in ends if moment is not None)

    @property
    def depends_on(self) -> Dependencies:
        """The clock."""
        return Dependencies.CLOCK

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the time."""
        begun = self.after is None or asked.now >= self.after
        holds = begun and (self.before is None or asked.now < self.before)
        return judged(holds, Reason.DATE_OK if holds else Reason.DATE_UNAUTHORIZED)

    def next_boundary(self, asked: PolicyInput) -> datetime | None:
        """The next moment at which it changes, or None."""
        return min((end for end in (self.after, self.before) if end is not None and end > asked.now), default=None)


def _moment(data: Data, key: str) -> datetime | None:
    if data is None:
        return None
    text = text_of(data, key)
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        moment.timestamp()
    except (ValueError, OverflowError):
        remedy = "write ISO 8601: `2026-12-24`, `2026-12-24T18:00:00Z`"
        raise DataInvalid("bad-date", f"`{text}` is not a date or time", remedy, at=(key,)) from None
    return moment
