"""Why a policy says what it says: each criterion with its verdict, which of them said no, and what would say yes.

The answer to "what would say yes" is a list of ways. A way is a set of criteria that come to the opposite of what is
wanted; turn all of them, and the operator comes to what is wanted. It follows from the operators alone:

    operator    to make it hold              to stop it
    and         every false criterion        any one criterion
    or          any one criterion            every true criterion
    not         every true criterion         any one criterion
    nor         any one criterion            every false criterion
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from access_model.policy import Operator, Policy, PolicyInput, Reason, Rule
from access_model.policy.tree import Leaf, OperatorName

Action = Literal["allow", "deny"]
Place = tuple[Action, int, int, int]
"""Where a criterion stands: action, and the positions of rule, operator and criterion."""

_ACTIONS: tuple[Action, ...] = ("allow", "deny")
_NEGATING = ("not", "nor")
_CONJUNCTIONS = ("and", "not")
_CONSTANT = ("accept", "reject")
"""Criteria that nothing about a request can turn."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One criterion with its own verdict, before its operator."""

    place: Place
    """Where it stands in the policy."""
    operator: OperatorName
    """The operator above it."""
    name: str
    """Its word in the policy language."""
    data: str
    """What it compares with; empty where it takes none."""
    value: bool
    """Whether it holds."""
    reasons: tuple[Reason, ...]
    """Why, sorted."""
    problem: str = ""
    """Why it cannot be told whether it holds; then the whole request is refused."""

    @property
    def text(self) -> str:
        """The criterion as people write it, and `deny` before it where it stands under that."""
        plain = self.plain
        return plain if self.place[0] == "allow" else f"deny {plain}"

    @property
    def plain(self) -> str:
        """The criterion as people write it."""
        return f"{self.name}: {self.data}" if self.data else self.name

    @property
    def wish(self) -> str:
        """What would have to be the case for it to come to the opposite."""
        return f"not {self.plain}" if self.value else self.plain


Way = tuple[Checked, ...]
"""Criteria that would all have to come to the opposite."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A policy for one request, taken apart."""

    checked: tuple[Checked, ...]
    """Every criterion: those under `allow`, then those under `deny`, each in the operator's order."""
    ways: tuple[Way, ...]
    """Any one of these would make an allow rule hold; empty when one holds, or nothing could."""
    obstacles: tuple[tuple[Way, ...], ...]
    """The ways around each deny operator that holds; one way of each would have to come about."""

    @property
    def said_no(self) -> tuple[Checked, ...]:
        """The criteria that stood in the way: of deny rules that hold, else of allow rules that do not."""
        ways = [way for ways in self.obstacles for way in ways] or self.ways
        return tuple(dict.fromkeys(each for way in ways for each in way))


def explain_policy(policy: Policy, asked: PolicyInput) -> Explanation:
    """Evaluate every criterion by itself. Total: one that cannot tell is false, with its problem."""
    allow, deny = (tuple(_checked(action, policy, asked)) for action in _ACTIONS)
    allowed = any(_holds(each) for each in allow)
    ways = () if allowed else tuple(way for each in allow for way in _ways(each, wanted=True))
    obstacles = tuple(tuple(_ways(each, wanted=False)) for each in deny if _holds(each))
    return Explanation(tuple(checked for each in (*allow, *deny) for checked in each), ways, obstacles)


def criteria_of(policy: Policy) -> Iterator[tuple[Place, Leaf]]:
    """Every criterion of a policy with its place: those under `allow`, then those under `deny`."""
    for action in _ACTIONS:
        for place, operator in _operators(action, policy):
            yield from (((*place, index), leaf) for index, leaf in enumerate(operator.criteria))


def _operators(action: Action, policy: Policy) -> Iterator[tuple[tuple[Action, int, int], Operator]]:
    """The operators of one action that have criteria."""
    for number, rule in enumerate(policy.allow if action == "allow" else policy.deny):
        for position, operator in enumerate(rule.operators if isinstance(rule, Rule) else ()):
            if operator.criteria:
                yield (action, number, position), operator


def _checked(action: Action, policy: Policy, asked: PolicyInput) -> Iterator[tuple[Checked, ...]]:
    """The criteria of each operator, evaluated."""
    for place, operator in _operators(action, policy):
        yield tuple(
            Checked((*place, index), operator.kind, leaf.name, leaf.data, *_verdict(leaf, asked))
            for index, leaf in enumerate(operator.criteria)
        )


def _verdict(leaf: Leaf, asked: PolicyInput) -> tuple[bool, tuple[Reason, ...], str]:
    try:
        verdict = leaf.evaluate(asked)
    except Exception as error:  # whatever it is, the decision refuses for it, and here it is shown
        return False, (), str(error) or type(error).__name__
    return verdict.value, tuple(sorted(verdict.reasons)), ""


def _holds(criteria: Sequence[Checked]) -> bool:
    """What the operator above these criteria comes to."""
    kind = criteria[0].operator
    truths = [each.value is not (kind in _NEGATING) for each in criteria]
    return all(truths) if kind in _CONJUNCTIONS else any(truths)


def _ways(criteria: Sequence[Checked], *, wanted: bool) -> Iterable[Way]:
    """How the operator above these criteria, which comes to the opposite, would come to what is wanted."""
    kind = criteria[0].operator
    opposed = tuple(each for each in criteria if (each.value is not (kind in _NEGATING)) is not wanted)
    together = (kind in _CONJUNCTIONS) is wanted
    ways = [opposed] if together else [(each,) for each in opposed]
    return [way for way in ways if not any(each.name in _CONSTANT for each in way)]
