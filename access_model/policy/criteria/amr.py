"""`amr`: true for sign-ins by certain methods (RFC 8176): `otp`, `hwk`, `mfa` and so on."""

from dataclasses import dataclass
from typing import ClassVar

from access_model.facts import Identity
from access_model.policy.criteria.session import SessionCriterion
from access_model.policy.data import Given
from access_model.policy.matching import ListMatch, read_list_match
from access_model.policy.reasons import Reason


@dataclass(frozen=True, slots=True)
class Amr(SessionCriterion):
    """Compares the methods that the provider named."""

    match: ListMatch
    """The test on the methods."""

    ok: ClassVar = Reason.AMR_OK
    unauthorized: ClassVar = Reason.AMR_UNAUTHORIZED
    name: ClassVar = "amr"

    @classmethod
    def read(cls, given: Given) -> "Amr":
        """Read a StringList. Raises `DataInvalid`."""
        return cls(read_list_match(given.data))

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    def holds_for(self, identity: Identity) -> bool:
        """Compare the methods; a provider that names none passes no test."""
        return bool(identity.amr) and self.match.matches(identity.amr)
