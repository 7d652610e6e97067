"""What is asked of clients' certificates (`downstream_mtls`)."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from access_model.load.key_material import pem
from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.load.sources import Sources
from access_model.model import ClientCertificates, NameKind, SubjectName
from access_model.pattern import PatternInvalid, compiled
from access_model.schema import DownstreamMtlsKeys, Settings, SubjectNameKeys

KEY: Path = ("downstream_mtls",)
_KINDS: tuple[NameKind, ...] = ("dns", "email", "ip_address", "uri")


def client_certificates(settings: Settings, sources: Sources, report: Report) -> ClientCertificates | None:
    """Read `downstream_mtls`; None when it is not given or cannot be used."""
    keys = settings.downstream_mtls
    if keys is None:
        return None
    _check_enforcement(keys, report)
    if settings.insecure_server:
        message = "clients show certificates over TLS only, and `insecure_server` is true"
        report.error(KEY, "mtls-without-tls", message, "remove one of them")
    ca, crl = sources.value(keys, "ca", KEY), sources.value(keys, "crl", KEY)
    if ca is None:
        if not report.broken((*KEY, "ca"), (*KEY, "ca_file")):
            message = "there is no authority that certificates could come from"
            report.error(KEY, "missing", message, "give `ca_file`, or `ca` as base64 of PEM")
        return None
    ca_pem = report.attempt(ca.path, authorities, ca.text)
    crl_pem = report.attempt(crl.path, revocation_lists, crl.text) if crl else ""
    names = [
        _name((*KEY, "match_subject_alt_names", index), each, report)
        for index, each in enumerate(keys.match_subject_alt_names)
    ]
    rules = tuple(each for each in names if each is not None)
    return ClientCertificates(ca_pem or "", crl_pem or "", rules, keys.max_verify_depth)


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
        x509.load_pem_x509_crl(block.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise Mistake("bad-pem", "there is no revocation list in this PEM", "give a block `X509 CRL`") from None
    return block


def _check_enforcement(keys: DownstreamMtlsKeys, report: Report) -> None:
    path = (*KEY, "enforcement")
    if keys.enforcement != "reject_connection" and not report.broken(path):
        given = keys.enforcement or "policy_with_default_deny"
        message = f"`{given}`{'' if keys.enforcement else ', the default,'} is not supported yet"
        report.error(path, "not-supported-yet", message, "write `enforcement: reject_connection`")


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
