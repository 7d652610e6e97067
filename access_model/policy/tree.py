"""The compiled policy: criteria under operators, operators in rules, rules of two actions.

`and` all true; `or` any true; `not` none true (conjunction of negations); `nor` not all true (disjunction of
negations) - the names are swapped against Boolean habit and kept for compatibility.

Reasons: and-true all; and-false those of the false ones; or-true those of the true ones; or-false all. Negation turns
the truth and keeps the reason, so `not: [email: x]` without a session still asks for a login and never allows.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Flag, auto
from typing import Protocol

from access_model.facts import Identity, RequestFacts
from access_model.policy.reasons import Reason


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


@dataclass(frozen=True, slots=True)
class PolicyInput:
    """Everything an evaluation may look at."""

    request: RequestFacts
    """The request."""
    identity: Identity | None
    """Who is asking; None for a stranger."""
    now: datetime
    """The time of the decision, with zone."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A truth with its reasons."""

    value: bool
    """Whether it holds."""
    reasons: frozenset[Reason] = field(default=frozenset())
    """Why."""


class Criterion(Protocol):
    """One compiled criterion. `evaluate` is pure and total."""

    @property
    def depends_on(self) -> Dependencies:
        """What `evaluate` looks at."""
        ...

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Tell whether it holds for what is asked, and why."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """Allow and deny rules of one route. Access means allow and not deny."""

    allow: tuple["Criterion", ...] = ()
    """Compiled rules, OR-ed."""
    deny: tuple["Criterion", ...] = ()
    """Compiled rules, OR-ed; one that holds beats every allow."""
