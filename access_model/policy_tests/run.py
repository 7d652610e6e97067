"""Asking a judge, and comparing what comes of it with what was expected."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from access_model.explanation import Explanation
from access_model.policy_tests.case import Case


@dataclass(frozen=True, slots=True)
class Seen:
    """What a judge says about a case."""

    outcome: str
    """The word of the outcome."""
    reasons: tuple[str, ...] = ()
    """Reasons of the decision."""
    problem: str = ""
    """What else there is to say about it."""
    route_id: str = ""
    """The route that decided; empty without one."""
    explanation: Explanation | None = None
    """Its policy, taken apart."""


Judge = Callable[[Case], Seen]
"""Decides a case; total."""


@dataclass(frozen=True, slots=True)
class Result:
    """A case with what came of it."""

    case: Case
    """The case."""
    seen: Seen
    """What the judge said."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Reasons that were expected and are not among those of the decision."""
        return tuple(reason for reason in self.case.reasons if reason not in self.seen.reasons)

    @property
    def passed(self) -> bool:
        """Whether it came as expected."""
        return self.seen.outcome == self.case.expect and not self.missing

    @property
    def complaint(self) -> str:
        """What came otherwise; empty where nothing did."""
        if self.seen.outcome != self.case.expect:
            because = self.seen.problem or ", ".join(self.seen.reasons)
            return f"expected {self.case.expect}, got {self.seen.outcome}" + (f" ({because})" if because else "")
        return f"expected the reason {', '.join(self.missing)}, got {', '.join(self.seen.reasons)}" * (not self.passed)


def run(cases: Iterable[Case], judge: Judge) -> tuple[Result, ...]:
    """The result of every case, in order."""
    return tuple(Result(case, judge(case)) for case in cases)
