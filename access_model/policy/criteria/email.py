"""`email`: true for one e-mail address, compared as the provider or the directory spells it."""

from dataclasses import dataclass
from typing import ClassVar

from access_model.facts import Identity
from access_model.policy.criteria.session import SessionCriterion
from access_model.policy.data import Given
from access_model.policy.matching import TextMatch, read_text_match
from access_model.policy.reasons import Reason


@dataclass(frozen=True, slots=True)
class Email(SessionCriterion):
    """Compares the whole address."""

    match: TextMatch
    """The test on the address."""

    ok: ClassVar = Reason.EMAIL_OK
    unauthorized: ClassVar = Reason.EMAIL_UNAUTHORIZED
    name: ClassVar = "email"

    @classmethod
    def read(cls, given: Given) -> "Email":
        """Read a String. Raises `DataInvalid`."""
        return cls(read_text_match(given.data))

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    def holds_for(self, identity: Identity) -> bool:
        """Compare the address; a missing one matches nothing."""
        return identity.email != "" and self.match.matches(identity.email)
