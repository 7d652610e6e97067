"""Policies that ask for facts which no source brings: they work, and the answer is always no."""

from collections.abc import Iterator, Sequence

from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.model import ClientCertificates, DataSource, DirectoryFiles, RecordFile, Route
from access_model.policy import Dependencies, Policy
from access_model.policy.criteria import ClientCertificate, Groups, InvalidClientCertificate, Record
from access_model.policy.tree import Leaf, leaves


def asks_for_facts(policy: Policy) -> bool:
    """Whether a policy has criteria that need a source, or certificates."""
    needing = (Groups, Record, ClientCertificate, InvalidClientCertificate)
    return any(isinstance(leaf, needing) for leaf in _leaves(policy))


def warn_of_unfed(path: Path, policy: Policy, sources: Sequence[DataSource], report: Report) -> None:
    """Warn of criteria for which there are no facts. What types of record a bundle holds only shows when it is read."""
    used = _leaves(policy)
    directory = any(isinstance(source, DirectoryFiles) for source in sources)
    if not directory and any(isinstance(leaf, Groups) for leaf in used):
        message = "the route asks for `groups`: no directory is configured, so nobody is in a group"
        report.warn(path, "no-facts", message, "add `directory`; groups that the provider claims are `claim/groups`")
    missing = {leaf.kind for leaf in used if isinstance(leaf, Record)}
    types = set(_types(sources))
    for kind in sorted(missing - types if None not in types else ()):
        message = f"the route asks for a `record`: there is no source of type `{kind}`, so every request is refused"
        report.warn(path, "no-facts", message, "add it to `external_data`")


def warn_of_certificates(asking: Sequence[tuple[int, Route]], asked: ClientCertificates | None, report: Report) -> None:
    """Warn of policies that look at certificates which nobody judges, and of certificates that no policy looks at.

    `asking` are the routes whose policies ask for facts, in file order.
    """
    if asked is None:
        for index, route in asking:
            if any(isinstance(leaf, ClientCertificate | InvalidClientCertificate) for leaf in _leaves(route.policy)):
                message = "the route asks for client certificates: without `downstream_mtls` none is trusted"
                report.warn(("routes", index), "no-facts", message, "add `downstream_mtls` with `ca_file`")
    elif not any(Dependencies.CERTIFICATE in route.policy.depends_on for _, route in asking):
        message = "clients are asked for certificates, and no route's policy looks at them"
        remedy = "leave `enforcement` at its default, or use `invalid_client_certificate` in the policies"
        report.warn(("downstream_mtls", "enforcement"), "no-effect", message, remedy)


def _leaves(policy: Policy) -> list[Leaf]:
    return [leaf for rule in (*policy.allow, *policy.deny) for leaf in leaves(rule)]


def _types(sources: Sequence[DataSource]) -> Iterator[str | None]:
    return (source.kind for source in sources if isinstance(source, RecordFile))
