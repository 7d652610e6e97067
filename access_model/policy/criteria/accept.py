"""`accept`: always true. What a public route comes to."""

from dataclasses import dataclass

from access_model.policy.data import Given
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged


@dataclass(frozen=True, slots=True)
class Accept:
    """Holds for everyone, signed in or not."""

    name = "accept"
    data = ""

    @classmethod
    def read(cls, given: Given) -> "Accept":  # noqa: ARG003 - any data will do
        """Read it; any data will do."""
        return cls()

    @property
    def depends_on(self) -> Dependencies:
        """Nothing."""
        return Dependencies.NOTHING

    def evaluate(self, asked: PolicyInput) -> Verdict:  # noqa: ARG002 - it looks at nothing
        """Accept."""
        return judged(True, Reason.ACCEPT)
