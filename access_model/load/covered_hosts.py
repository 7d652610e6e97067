"""Hosts that no certificate of the listener names: clients would refuse the connection (RFC 9110 section 4.3.4)."""

from collections.abc import Iterable

from cryptography import x509

from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.load.routes import Numbered
from access_model.model import Certificate, Listener, Origin


def warn_of_uncovered(listens: Listener, routes: Iterable[Numbered], sign_in: Origin | None, report: Report) -> None:
    """Warn of each host once; where the certificates are a local authority's, there is nothing to say."""
    if listens.insecure or not listens.certificates:
        return
    covered = {name for each in listens.certificates for name in _names(each)}
    for index, route in routes:
        host = route.origin.host
        if host not in covered and _wildcard(host) not in covered:
            _warn(("routes", index, "from"), host, report)
            covered.add(host)
    if sign_in is not None and covered.isdisjoint((sign_in.host, _wildcard(sign_in.host))):
        _warn(("authenticate_service_url",), sign_in.host, report)


def _warn(path: Path, host: str, report: Report) -> None:
    message = f"no certificate names `{host}`, so browsers will refuse it"
    report.warn(path, "no-certificate", message, "add one that does to `certificates`")


def _wildcard(host: str) -> str:
    """The name with a `*` that stands for one label (RFC 9525 section 6.3); a wildcard host is its own."""
    return host if host.startswith("*.") else f"*.{host.partition('.')[2]}"


def _names(certificate: Certificate) -> set[str]:
    leaf = x509.load_pem_x509_certificates(certificate.chain_pem.encode())[0]
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return set()
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return {name.lower() for name in (*names.get_values_for_type(x509.DNSName), *addresses)}
