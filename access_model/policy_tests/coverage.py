"""Which criteria the tests never put to the test.

A criterion is exercised when it held in one case and did not in another. One that never held, or never failed, could be
replaced by any other word, and no test would notice. A stranger exercises no criterion about a person, for all of them
ask the same of strangers; save `authenticated_user`, which asks for nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from access_model.explanation import Checked, criteria_of
from access_model.model import AccessModel
from access_model.policy import Reason
from access_model.policy_tests.run import Result

CONSTANT = ("accept", "reject")
"""They have one outcome, and are exercised when a case reaches them."""


@dataclass(frozen=True, slots=True)
class Covered:
    """One criterion of one route, with what the tests saw of it."""

    route: str
    """Name of the route."""
    source: str
    """Where the route was written."""
    action: str
    """`allow` or `deny`."""
    criterion: str
    """The criterion as people write it."""
    held: bool
    """Whether it held in some case."""
    failed: bool
    """Whether it did not in some case."""
    constant: bool
    """Whether it has but one outcome."""

    @property
    def exercised(self) -> bool:
        """Whether the tests would notice another criterion in its place."""
        return (self.held or self.failed) if self.constant else (self.held and self.failed)


def coverage(model: AccessModel, results: Iterable[Result]) -> tuple[Covered, ...]:
    """Every criterion of every route, in file order."""
    seen = {
        (result.seen.route_id, checked.place, checked.value)
        for result in results
        for checked in (result.seen.explanation.checked if result.seen.explanation else ())
        if _tells(checked)
    }
    return tuple(
        Covered(
            route=route.name,
            source=model.source_of(route),
            action=place[0],
            criterion=f"{leaf.name}: {leaf.data}" if leaf.data else leaf.name,
            held=(route.id, place, True) in seen,
            failed=(route.id, place, False) in seen,
            constant=leaf.name in CONSTANT,
        )
        for route in model.routes
        for place, leaf in criteria_of(route.policy)
    )


def _tells(checked: Checked) -> bool:
    asks_for_sign_in = Reason.USER_UNAUTHENTICATED in checked.reasons and checked.name != "authenticated_user"
    return not asks_for_sign_in and not checked.problem
