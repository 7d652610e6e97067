"""`reject`: never true. Under `not` it always is."""

from dataclasses import dataclass

from access_model.policy.data import Given
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged


@dataclass(frozen=True, slots=True)
class Reject:
    """Holds for nobody."""

    name = "reject"
    data = ""

    @classmethod
    def read(cls, given: Given) -> "Reject":  # noqa: ARG003 - any data will do
        """Read it; any data will do."""
        return cls()

    @property
    def depends_on(self) -> Dependencies:
        """Nothing."""
        return Dependencies.NOTHING

    def evaluate(self, asked: PolicyInput) -> Verdict:  # noqa: ARG002 - it looks at nothing
        """Reject."""
        return judged(False, Reason.REJECT)
