"""`user`: true for one user id."""

from dataclasses import dataclass
from typing import ClassVar

from access_model.facts import Identity
from access_model.policy.criteria.session import SessionCriterion
from access_model.policy.data import Given
from access_model.policy.matching import TextMatch, read_text_match
from access_model.policy.reasons import Reason


@dataclass(frozen=True, slots=True)
class User(SessionCriterion):
    """Compares the user id, which is the provider's `sub` (Entra: `oid`)."""

    match: TextMatch
    """The test on the id."""

    ok: ClassVar = Reason.USER_OK
    unauthorized: ClassVar = Reason.USER_UNAUTHORIZED
    name: ClassVar = "user"

    @classmethod
    def read(cls, given: Given) -> "User":
        """Read a String. Raises `DataInvalid`."""
        return cls(read_text_match(given.data))

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    def holds_for(self, identity: Identity) -> bool:
        """Compare the id; an empty one matches nothing."""
        return identity.user_id != "" and self.match.matches(identity.user_id)
