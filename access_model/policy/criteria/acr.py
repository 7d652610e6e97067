"""`acr`: true for sign-ins of an authentication context class, such as one with a second factor."""

from dataclasses import dataclass
from typing import ClassVar

from access_model.facts import Identity
from access_model.policy.criteria.session import SessionCriterion
from access_model.policy.data import Given
from access_model.policy.matching import TextMatch, read_text_match
from access_model.policy.reasons import Reason


@dataclass(frozen=True, slots=True)
class Acr(SessionCriterion):
    """Compares the class that the provider named (OpenID Connect Core 1.0 section 2)."""

    match: TextMatch
    """The test on the class."""

    ok: ClassVar = Reason.ACR_OK
    unauthorized: ClassVar = Reason.ACR_UNAUTHORIZED
    name: ClassVar = "acr"

    @classmethod
    def read(cls, given: Given) -> "Acr":
        """Read a String. Raises `DataInvalid`."""
        return cls(read_text_match(given.data))

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    def holds_for(self, identity: Identity) -> bool:
        """Compare the class; a missing one passes no test."""
        return identity.acr != "" and self.match.matches(identity.acr)
