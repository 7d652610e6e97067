"""Policies that ask for what this version is never told: they work, and the answer is always no."""

from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.policy import Policy
from access_model.policy.tree import leaves

_UNFED = {
    "groups": "no directory is configured, so nobody is in a group",
    "record": "there is no source of records, so every request is refused",
}
"""Criterion to what its absence of facts comes to."""


def warn_of_unfed(path: Path, policy: Policy, report: Report) -> None:
    """Warn of criteria for which there are no facts."""
    used = {leaf.name for rule in (*policy.allow, *policy.deny) for leaf in leaves(rule)}
    for name in sorted(used & _UNFED.keys()):
        report.warn(path, "no-facts", f"the route asks for `{name}`: {_UNFED[name]}", "remove it from the policy")
