"""What a fresh sign-in would have to prove so that a request may pass that otherwise may not."""

from dataclasses import dataclass, replace
from datetime import timedelta

from access_model.policy.criteria import Accept, Acr, Amr, AuthAge
from access_model.policy.evaluate import evaluate
from access_model.policy.matching import In, Is, TextMatch
from access_model.policy.tree import Criterion, Leaf, Policy, PolicyInput, Rule, leaves

_PROOFS = (Acr, Amr, AuthAge)


@dataclass(frozen=True, slots=True)
class StepUp:
    """What to ask the provider for (OpenID Connect Core 1.0 section 3.1.2.1)."""

    acr_values: tuple[str, ...] = ()
    """Authentication context classes, any of which will do; empty when the policy asks for none by name."""
    max_age: timedelta | None = None
    """How old the proof of identity may be; None when any will do."""


def step_up(policy: Policy, asked: PolicyInput) -> StepUp | None:
    """What to ask for when somebody signed in may not pass, and would if they signed in anew and better.

    None when they may pass already, when nobody is signed in, or when signing in anew would not help.
    """
    if asked.identity is None or evaluate(policy, asked).permits:
        return None
    proven = Policy(_proven(policy.allow), _proven(policy.deny))
    if proven == policy or not evaluate(proven, asked).permits:
        return None
    lacking = [leaf for rule in (*policy.allow, *policy.deny) for leaf in leaves(rule) if _lacks(leaf, asked)]
    limits = [leaf.limit for leaf in lacking if isinstance(leaf, AuthAge)]
    classes = [name for leaf in lacking if isinstance(leaf, Acr) for name in _named(leaf.match)]
    return StepUp(tuple(dict.fromkeys(classes)), min(limits, default=None))


def _lacks(leaf: Leaf, asked: PolicyInput) -> bool:
    return isinstance(leaf, _PROOFS) and not leaf.evaluate(asked).value


def _named(match: TextMatch) -> tuple[str, ...]:
    match match:
        case Is(text):
            return (text,)
        case In(texts):
            return tuple(sorted(texts))
    return ()


def _proven(rules: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    """The rules as they would stand if every proof of identity that they ask for were given."""
    return tuple(_rule_proven(rule) if isinstance(rule, Rule) else rule for rule in rules)


def _rule_proven(rule: Rule) -> Rule:
    return Rule(tuple(replace(operator, criteria=tuple(map(_given, operator.criteria))) for operator in rule.operators))


def _given(leaf: Leaf) -> Leaf:
    return Accept() if isinstance(leaf, _PROOFS) else leaf
