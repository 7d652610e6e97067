"""Where a programmatic login may send a credential."""

from access_model.load.hosts import host_or_address
from access_model.load.problems import Report
from access_model.schema import Settings


def redirect_domains(settings: Settings, report: Report) -> tuple[str, ...]:
    """The folded hosts; each stands for its subdomains too."""
    key = "programmatic_redirect_domain_whitelist"
    given = enumerate(settings.programmatic_redirect_domain_whitelist)
    folded = (report.attempt((key, index), host_or_address, text) for index, text in given)
    return tuple(dict.fromkeys(host for host in folded if host is not None))
