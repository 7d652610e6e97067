"""`auth_age`: true while the user's last proof of identity is no older than a duration."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from access_model.durations import duration_text, read_duration
from access_model.policy.criteria.session import STRANGER
from access_model.policy.data import DataInvalid, Given, shown
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged


@dataclass(frozen=True, slots=True)
class AuthAge:
    """Compares how long ago the provider saw the user sign in (`auth_time`)."""

    limit: timedelta
    """The greatest age."""

    name = "auth_age"

    @classmethod
    def read(cls, given: Given) -> "AuthAge":
        """Read a duration. Raises `DataInvalid`."""
        try:
            limit = read_duration(given.data) if isinstance(given.data, str) else None
        except OverflowError:
            limit = None
        if not limit:
            message = f"{shown(given.data)} is not a duration that lasts"
            raise DataInvalid("bad-duration", message, "write `15m` or `8h`")
        return cls(limit)

    @property
    def data(self) -> str:
        """The limit, for people."""
        return duration_text(self.limit)

    @property
    def depends_on(self) -> Dependencies:
        """The session and the clock."""
        return Dependencies.SESSION | Dependencies.CLOCK

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the age; where the provider does not say when, it is too old."""
        if asked.identity is None:
            return STRANGER
        since = asked.identity.authenticated_at
        young = since is not None and asked.now - since <= self.limit
        return judged(young, Reason.AUTH_AGE_OK if young else Reason.AUTH_AGE_UNAUTHORIZED)

    def next_boundary(self, asked: PolicyInput) -> datetime | None:
        """The first moment at which it no longer holds; None when it does not hold now."""
        since = asked.identity.authenticated_at if asked.identity is not None else None
        if since is None or asked.now - since > self.limit:
            return None
        return since + self.limit + timedelta.resolution
