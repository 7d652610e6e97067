"""`authenticated_user`: true for whoever is signed in."""

from dataclasses import dataclass
from typing import ClassVar

from access_model.facts import Identity
from access_model.policy.criteria.session import SessionCriterion
from access_model.policy.data import Given
from access_model.policy.reasons import Reason


@dataclass(frozen=True, slots=True)
class AuthenticatedUser(SessionCriterion):
    """Holds for every session with a user."""

    ok: ClassVar = Reason.USER_AUTHENTICATED
    unauthorized: ClassVar = Reason.USER_UNAUTHENTICATED
    name: ClassVar = "authenticated_user"
    data: ClassVar = ""

    @classmethod
    def read(cls, given: Given) -> "AuthenticatedUser":  # noqa: ARG003 - any data will do
        """Read it; any data will do."""
        return cls()

    def holds_for(self, identity: Identity) -> bool:
        """Tell whether there is a user id; a session without one is nobody's."""
        return identity.user_id != ""
