"""Policies that ask for facts which no source brings: they work, and the answer is always no."""

from collections.abc import Iterator, Sequence

from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.model import DataSource, DirectoryFiles, RecordFile
from access_model.policy import Policy
from access_model.policy.criteria import Groups, Record
from access_model.policy.tree import leaves


def warn_of_unfed(path: Path, policy: Policy, sources: Sequence[DataSource], report: Report) -> None:
    """Warn of criteria for which there are no facts. What types of record a bundle holds only shows when it is read."""
    used = [leaf for rule in (*policy.allow, *policy.deny) for leaf in leaves(rule)]
    directory = any(isinstance(source, DirectoryFiles) for source in sources)
    if not directory and any(isinstance(leaf, Groups) for leaf in used):
        message = "the route asks for `groups`: no directory is configured, so nobody is in a group"
        report.warn(path, "no-facts", message, "add `directory`; groups that the provider claims are `claim/groups`")
    missing = {leaf.kind for leaf in used if isinstance(leaf, Record)}
    types = set(_types(sources))
    for kind in sorted(missing - types if None not in types else ()):
        message = f"the route asks for a `record`: there is no source of type `{kind}`, so every request is refused"
        report.warn(path, "no-facts", message, "add it to `external_data`")


def _types(sources: Sequence[DataSource]) -> Iterator[str | None]:
    return (source.kind for source in sources if isinstance(source, RecordFile))
