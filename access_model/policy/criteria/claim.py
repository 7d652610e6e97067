"""`claim/<path>`: true when a claim of the session or the user has a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from access_model.facts import Identity
from access_model.policy.criteria.session import SessionCriterion
from access_model.policy.data import DataInvalid, Given
from access_model.policy.matching import ListMatch, read_list_match
from access_model.policy.reasons import Reason


@dataclass(frozen=True, slots=True)
class Claim(SessionCriterion):
    """Compares the values of one claim; the user's claims win over those of the session."""

    path: str
    """The claim: its literal name, or the way to a nested one with `/` or `.` between the steps."""
    match: ListMatch
    """The test on its values."""

    ok: ClassVar = Reason.CLAIM_OK
    unauthorized: ClassVar = Reason.CLAIM_UNAUTHORIZED

    @classmethod
    def read(cls, given: Given) -> "Claim":
        """Read a StringList; the claim's path stands in the word. Raises `DataInvalid`."""
        if not given.sub_path:
            raise DataInvalid("missing-path", "`claim` does not say which claim", "write `claim/<name>`")
        return cls(given.sub_path, read_list_match(given.data))

    @property
    def name(self) -> str:
        """`claim/` and the path."""
        return f"claim/{self.path}"

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    def holds_for(self, identity: Identity) -> bool:
        """Compare the claim's values; a missing claim has none and fails every test."""
        for name in (self.path, self.path.replace("/", ".")):
            values = _values(name, identity.user_claims, identity.session_claims)
            if values is not None:
                return self.match.matches(values)
        return False


def _values(name: str, *sources: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    return next((source[name] for source in sources if name in source), None)
