"""What all criteria about a person share: without a session they ask for one, whatever else they would say."""

from abc import ABC, abstractmethod
from typing import ClassVar

from access_model.facts import Identity
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged

STRANGER = judged(False, Reason.USER_UNAUTHENTICATED)


class SessionCriterion(ABC):
    """Base of the criteria that look at who is asking. A missing attribute is false."""

    __slots__ = ()
    ok: ClassVar[Reason]
    """The reason when it holds."""
    unauthorized: ClassVar[Reason]
    """The reason when somebody is signed in and it does not hold."""

    @property
    def depends_on(self) -> Dependencies:
        """Always the session."""
        return Dependencies.SESSION

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Ask for a session when there is none, else judge who is asking."""
        if asked.identity is None:
            return STRANGER
        holds = self.holds_for(asked.identity)
        return judged(holds, self.ok if holds else self.unauthorized)

    @abstractmethod
    def holds_for(self, identity: Identity) -> bool:
        """Tell whether the criterion holds for this person."""
