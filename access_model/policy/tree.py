"""The compiled policy: criteria under operators, operators in rules, rules of two actions.

`and` all true; `or` any true; `not` none true (conjunction of negations); `nor` not all true (disjunction of
negations) - the names are swapped against Boolean habit and kept for compatibility.

Reasons: and-true all; and-false those of the false ones; or-true those of the true ones; or-false all. Negation turns
the truth and keeps the reason, so `not: [email: x]` without a session still asks for a login and never allows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Flag, auto
from functools import cache
from typing import Literal, Protocol, runtime_checkable

from access_model.facts import NO_RECORDS, Identity, RecordSource, RequestFacts
from access_model.policy.reasons import Reason

OperatorName = Literal["and", "or", "not", "nor"]


class Dependencies(Flag):
    """What a policy looks at, known statically."""

    NOTHING = 0
    SESSION = auto()
    METHOD = auto()
    PATH = auto()
    ADDRESS = auto()
    HEADERS = auto()
    CLOCK = auto()
    CERTIFICATE = auto()
    BODY = auto()
    RECORDS = auto()


@dataclass(frozen=True, slots=True)
class PolicyInput:
    """Everything an evaluation may look at."""

    request: RequestFacts
    """The request."""
    identity: Identity | None
    """Who is asking; None for a stranger."""
    now: datetime
    """The time of the decision, with zone."""
    records: RecordSource = NO_RECORDS
    """External data."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A truth with its reasons."""

    value: bool
    """Whether it holds."""
    reasons: frozenset[Reason] = field(default=frozenset())
    """Why."""

    def negated(self) -> "Verdict":
        """The opposite truth for the same reasons."""
        return Verdict(not self.value, self.reasons)


class CannotTell(Exception):
    """A criterion cannot be evaluated; the message says why. Whatever it stands under, the request is refused."""


@cache
def judged(value: bool, reason: Reason) -> Verdict:
    """The verdict of one criterion; one object for each pair, since a request makes many and keeps none."""
    return Verdict(value, frozenset((reason,)))


NEVER = Verdict(False)
"""What an empty list comes to: `{}` is legal and grants nothing."""


class Criterion(Protocol):
    """Whatever can be asked whether it holds. `evaluate` is pure; it raises `CannotTell` and nothing else."""

    @property
    def depends_on(self) -> Dependencies:
        """What `evaluate` looks at."""
        ...

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Tell whether it holds for what is asked, and why."""
        ...


class Leaf(Criterion, Protocol):
    """A criterion as the operator wrote it: one question with a name and its data."""

    @property
    def name(self) -> str:
        """The criterion's word in the policy language, sub-path included (`claim/department`)."""
        ...

    @property
    def data(self) -> str:
        """What it compares with, for people; empty where it takes none."""
        ...


@runtime_checkable
class Timed(Protocol):
    """A criterion that looks at the clock."""

    def next_boundary(self, asked: PolicyInput) -> datetime | None:
        """The first moment after `asked.now` at which it may come to something else, all else being equal, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Operator:
    """Criteria joined by one of the four operators; without criteria it never holds."""

    kind: OperatorName
    """Which operator."""
    criteria: tuple[Leaf, ...]
    """What it joins."""

    @property
    def depends_on(self) -> Dependencies:
        """What its criteria look at."""
        return union(self.criteria)

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Join the verdicts of all criteria; none is skipped, so the order does not matter."""
        verdicts = [criterion.evaluate(asked) for criterion in self.criteria]
        if self.kind in ("not", "nor"):
            verdicts = [verdict.negated() for verdict in verdicts]
        return any_of(verdicts) if self.kind in ("or", "nor") else all_of(verdicts)


@dataclass(frozen=True, slots=True)
class Rule:
    """The body of one `allow` or `deny`: several operators, OR-ed; empty ones count for nothing."""

    operators: tuple[Operator, ...]
    """The operators."""

    @property
    def depends_on(self) -> Dependencies:
        """What its operators look at."""
        return union(self.operators)

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Hold when one of the operators does."""
        return any_of([operator.evaluate(asked) for operator in self.operators if operator.criteria])


@dataclass(frozen=True, slots=True)
class Policy:
    """Allow and deny rules of one route. Access means allow and not deny."""

    allow: tuple[Criterion, ...] = ()
    """Compiled rules, OR-ed."""
    deny: tuple[Criterion, ...] = ()
    """Compiled rules, OR-ed; one that holds beats every allow."""

    depends_on: Dependencies = field(init=False, repr=False, compare=False)
    """What a decision by this policy looks at; made of the rules."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "depends_on", union((*self.allow, *self.deny)))

    def __or__(self, other: "Policy") -> "Policy":
        """Both policies: what either allows, save what either denies."""
        if not (other.allow or other.deny):
            return self
        return Policy((*self.allow, *other.allow), (*self.deny, *other.deny))


def all_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Conjunction; of nothing at all: never."""
    if len(verdicts) < 2:
        return verdicts[0] if verdicts else NEVER
    value = all(verdict.value for verdict in verdicts)
    return Verdict(value, _reasons(verdicts if value else [verdict for verdict in verdicts if not verdict.value]))


def any_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Disjunction; of nothing at all: never."""
    if len(verdicts) < 2:
        return verdicts[0] if verdicts else NEVER
    true = [verdict for verdict in verdicts if verdict.value]
    return Verdict(bool(true), _reasons(true or verdicts))


def leaves(criterion: Criterion) -> Iterator[Leaf]:
    """The criteria below a node, in the operator's order."""
    match criterion:
        case Rule(operators):
            for operator in operators:
                yield from operator.criteria
        case Operator(_, criteria):
            yield from criteria


def union(criteria: Sequence[Criterion]) -> Dependencies:
    """What any of the criteria looks at."""
    total = 0
    for criterion in criteria:
        total |= criterion.depends_on.value
    return _dependencies(total)


@cache
def _dependencies(value: int) -> Dependencies:
    """The member of a number; joining numbers takes a tenth of the time that joining members takes."""
    return Dependencies(value)


def _reasons(verdicts: Sequence[Verdict]) -> frozenset[Reason]:
    return frozenset().union(*[verdict.reasons for verdict in verdicts])
