"""Until when a decision stands, as far as the clock is concerned."""

from datetime import datetime

from access_model.policy.tree import Policy, PolicyInput, Timed, leaves


def next_boundary(policy: Policy, asked: PolicyInput) -> datetime | None:
    """The first moment after `asked.now` at which the policy may come to something else with nothing else changed.

    None when the clock alone changes nothing any more. A decision must not be remembered beyond it.
    """
    timed = [leaf for rule in (*policy.allow, *policy.deny) for leaf in leaves(rule) if isinstance(leaf, Timed)]
    moments = (leaf.next_boundary(asked) for leaf in timed)
    return min((moment for moment in moments if moment is not None), default=None)
