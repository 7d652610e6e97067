"""What is asked of clients' certificates (`downstream_mtls`)."""

from collections.abc import Iterator
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from access_model.client_trust.trust import read_revocation_lists
from access_model.load.key_material import pem, validity_objection
from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.load.sources import Sources, Written
from access_model.model import ClientCertificates, NameKind, SubjectName
from access_model.pattern import PatternInvalid, compiled
from access_model.schema import DownstreamMtlsKeys, Settings, SubjectNameKeys

KEY: Path = ("downstream_mtls",)
_KINDS: tuple[NameKind, ...] = ("dns", "email", "ip_address", "uri")


def client_certificates(
    settings: Settings, sources: Sources, report: Report, now: datetime | None
) -> ClientCertificates | None:
    """Read `downstream_mtls`; None when it is not given or cannot be used. Validity is judged at `now`, if given."""
    keys = settings.downstream_mtls
    if keys is None:
        return None
    if settings.insecure_server:
        message = "clients show certificates over TLS only, and `insecure_server` is true"
        report.error(KEY, "mtls-without-tls", message, "remove one of them")
    ca, crl = sources.value(keys, "ca", KEY), sources.value(keys, "crl", KEY)
    names = tuple(_names(keys, report))
    if ca is None:
        if not report.broken((*KEY, "ca"), (*KEY, "ca_file")):
            message = "there is no authority that certificates could come from"
            report.error(KEY, "missing", message, "give `ca_file`, or `ca` as base64 of PEM")
        return None
    ca_pem = report.attempt(ca.path, authorities, ca.text)
    crl_pem = report.attempt(crl.path, revocation_lists, crl.text) if crl else ""
    if ca_pem is None or crl_pem is None:
        return None
    asked = ClientCertificates(ca_pem, crl_pem, names, keys.max_verify_depth, keys.enforcement)
    _warn_of_authorities(asked, ca, report, now)
    if crl is not None:
        _warn_of_lists(asked, crl, report, now)
    return asked


def authorities(text: str) -> str:
    """Read certificates of authorities. Raises `Mistake`."""
    block = pem(text)
    try:
        x509.load_pem_x509_certificates(block.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise Mistake("bad-pem", "there is no certificate in this PEM", "give the authority's certificate") from None
    return block


def revocation_lists(text: str) -> str:
    """Read revocation lists. Raises `Mistake`."""
    block = pem(text)
    try:
        listed = read_revocation_lists(block)
        critical = [each.oid.dotted_string for lists in listed for each in lists.extensions if each.critical]
    except (ValueError, UnsupportedAlgorithm):
        listed, critical = (), []
    if not listed:
        raise Mistake("bad-pem", "there is no revocation list in this PEM", "give a block `X509 CRL`")
    if critical:
        message = f"the list is for some certificates alone: it has the critical extension `{critical[0]}`"
        raise Mistake("partial-list", message, "give the authority's whole list, neither a delta nor a part")
    return block


def _warn_of_authorities(asked: ClientCertificates, ca: Written, report: Report, now: datetime | None) -> None:
    for each in x509.load_pem_x509_certificates(asked.ca_pem.encode()):
        name = each.subject.rfc4514_string()
        if not _is_authority(each):
            message = f"`{name}` is not an authority: it vouches for no certificate but itself"
            report.warn(ca.path, "not-an-authority", message, "give the certificate of who issues those of clients")
        if now is not None and (objection := validity_objection(each, now)) is not None:
            message = f"`{name}`: {objection}, so nobody's certificate is trusted for it"
            report.warn(ca.path, "certificate-validity", message, "give the renewed one")


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _warn_of_lists(asked: ClientCertificates, crl: Written, report: Report, now: datetime | None) -> None:
    lists = read_revocation_lists(asked.crl_pem)
    for each in lists:
        if now is not None and (each.next_update_utc is None or each.next_update_utc <= now):
            end = f"ran out on {each.next_update_utc:%Y-%m-%d}" if each.next_update_utc else "does not say when it ends"
            message = f"the list of `{each.issuer.rfc4514_string()}` {end}, so nothing it issued is trusted"
            report.warn(crl.path, "list-validity", message, "give the current list")
    issuers = {each.issuer for each in lists}
    for authority in x509.load_pem_x509_certificates(asked.ca_pem.encode()):
        if authority.subject not in issuers:
            name = authority.subject.rfc4514_string()
            message = f"there is no list of `{name}`, so nothing it issued is trusted"
            report.warn(crl.path, "missing-list", message, "give the lists of all authorities, or none")


def _names(keys: DownstreamMtlsKeys, report: Report) -> Iterator[SubjectName]:
    for index, rule in enumerate(keys.match_subject_alt_names):
        name = _name((*KEY, "match_subject_alt_names", index), rule, report)
        if name is not None:
            yield name


def _name(path: Path, keys: SubjectNameKeys, report: Report) -> SubjectName | None:
    given = [(kind, text) for kind in _KINDS if (text := getattr(keys, kind)) is not None]
    if len(given) != 1:
        report.error(path, "not-one-key", "a rule has exactly one kind of name", "split it into several rules")
        return None
    ((kind, text),) = given
    pattern = report.attempt((*path, kind), _pattern, text)
    return None if pattern is None else SubjectName(kind, pattern)


def _pattern(text: str) -> str:
    try:
        compiled(text)
    except PatternInvalid as invalid:
        message = f"`{text}` is not a regular expression: {invalid}"
        raise Mistake("bad-regex", message, "write it in RE2's syntax, without lookaround or backreferences") from None
    return text
