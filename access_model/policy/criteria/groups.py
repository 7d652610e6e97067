"""`groups`: true for members of a directory group, by its id or its name."""

from dataclasses import dataclass
from typing import ClassVar

from access_model.facts import Identity
from access_model.policy.criteria.session import SessionCriterion
from access_model.policy.data import Given
from access_model.policy.matching import ListMatch, read_list_match
from access_model.policy.reasons import Reason


@dataclass(frozen=True, slots=True)
class Groups(SessionCriterion):
    """Compares ids and names of the user's directory groups; what the provider claims is `claim/groups`."""

    match: ListMatch
    """The test on ids and names."""

    ok: ClassVar = Reason.GROUPS_OK
    unauthorized: ClassVar = Reason.GROUPS_UNAUTHORIZED
    name: ClassVar = "groups"

    @classmethod
    def read(cls, given: Given) -> "Groups":
        """Read a StringList. Raises `DataInvalid`."""
        return cls(read_list_match(given.data))

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    def holds_for(self, identity: Identity) -> bool:
        """Compare the groups; who is in none passes no test."""
        return bool(identity.groups) and self.match.matches(identity.groups)
