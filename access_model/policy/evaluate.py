"""Ask a policy: allow and deny apart, so that whoever decides can put a login between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from access_model.policy.reasons import Reason
from access_model.policy.tree import NEVER, CannotTell, Criterion, Leaf, Policy, PolicyInput, Verdict, any_of, leaves


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the rules of both actions came to."""

    allow: Verdict
    """Whether an allow rule holds."""
    deny: Verdict
    """Whether a deny rule holds."""
    problem: str = ""
    """Why it cannot be told, in words for the operator's log; then neither action came to anything."""

    @property
    def reasons(self) -> frozenset[Reason]:
        """The reasons of both actions."""
        return self.allow.reasons | self.deny.reasons

    @property
    def needs_sign_in(self) -> bool:
        """Whether a criterion asked for a session that is not there: then only a login can tell."""
        return Reason.USER_UNAUTHENTICATED in self.reasons

    @property
    def permits(self) -> bool:
        """Whether the request may pass: allowed, not denied, nobody had to be asked who they are, nothing failed."""
        return self.allow.value and not self.deny.value and not self.needs_sign_in and not self.problem


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion with its verdict, for pages and tools that explain a decision."""

    name: str
    """The criterion's word in the policy language."""
    data: str
    """What it compared with."""
    verdict: Verdict
    """What it came to."""
    action: Literal["allow", "deny"]
    """The action it stands under."""


def evaluate(policy: Policy, asked: PolicyInput) -> Evaluation:
    """Evaluate every rule of both actions. Pure and total; the order of rules and criteria does not matter.

    A criterion that cannot tell spoils the whole, whatever the others say: a deny rule that cannot be read must not
    count as absent.
    """
    try:
        return Evaluation(allow=_verdict(policy.allow, asked), deny=_verdict(policy.deny, asked))
    except CannotTell as why:
        return Evaluation(NEVER, NEVER, str(why))


def explain(policy: Policy, asked: PolicyInput) -> tuple[Finding, ...]:
    """List each criterion with its own verdict, before operators, in the operator's order: allow, then deny.

    One that cannot tell is false without a reason.
    """
    return (*_findings("allow", policy.allow, asked), *_findings("deny", policy.deny, asked))


def _verdict(rules: Iterable[Criterion], asked: PolicyInput) -> Verdict:
    return any_of([rule.evaluate(asked) for rule in rules])


def _findings(action: Literal["allow", "deny"], rules: Iterable[Criterion], asked: PolicyInput) -> Iterable[Finding]:
    for rule in rules:
        for leaf in leaves(rule):
            yield Finding(leaf.name, leaf.data, _own_verdict(leaf, asked), action)


def _own_verdict(leaf: Leaf, asked: PolicyInput) -> Verdict:
    try:
        return leaf.evaluate(asked)
    except CannotTell:
        return NEVER
