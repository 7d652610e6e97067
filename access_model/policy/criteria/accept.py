"""`accept`: always true. What a public route comes to."""

from dataclasses import dataclass

from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict

ACCEPTED = Verdict(True, frozenset({Reason.ACCEPT}))


@dataclass(frozen=True, slots=True)
class Accept:
    """Holds for everyone, signed in or not."""

    name = "accept"
    data = ""

    @property
    def depends_on(self) -> Dependencies:
        """Nothing."""
        return Dependencies.NOTHING

    def evaluate(self, asked: PolicyInput) -> Verdict:  # noqa: ARG002 - it looks at nothing
        """Accept."""
        return ACCEPTED
