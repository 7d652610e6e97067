"""The judgement of a certificate, and for how long it holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509

from access_model.client_trust.names import names_objection
from access_model.client_trust.path import NoPath, find_path
from access_model.client_trust.revocation import revocation_objection
from access_model.client_trust.trust import DEEPEST, Trust
from access_model.facts import ClientCertificate

_SECOND = timedelta(seconds=1)
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about a certificate."""

    objection: str
    """What speaks against it, in words for operators; empty where it is trusted."""
    since: datetime = _ALWAYS
    """From when on the judgement holds, with the same certificates and settings."""
    until: datetime = _NEVER
    """The first moment at which it may no longer hold: something expires, or becomes valid."""

    def holds_at(self, now: datetime) -> bool:
        """Whether it may be used again."""
        return self.since <= now < self.until


def judge(presented: ClientCertificate, trust: Trust, now: datetime) -> Judgement:
    """Judge a certificate at `now`, to the second. Total: whatever cannot be read or told speaks against it."""
    now = now.replace(microsecond=0)
    try:
        leaf, sent = _read(presented)
        objection = _objection(leaf, sent, trust, now)
        moments = sorted(_moments((leaf, *sent, *trust.authorities), trust.revocation_lists))
    except Exception as error:  # whatever it is, it must not be taken for a certificate that is trusted
        return Judgement(f"it cannot be read: {error!r}")
    since = max((moment for moment in moments if moment <= now), default=_ALWAYS)
    return Judgement(objection, since, min((moment for moment in moments if moment > now), default=_NEVER))


def _read(presented: ClientCertificate) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    leaf = x509.load_pem_x509_certificate(presented.pem.encode())
    chain = x509.load_pem_x509_certificates(presented.chain.encode()) if presented.chain else []
    if len(chain) > DEEPEST:
        raise ValueError(f"{len(chain)} certificates were sent")
    return leaf, tuple(each for each in chain if each != leaf)


def _objection(leaf: x509.Certificate, sent: tuple[x509.Certificate, ...], trust: Trust, now: datetime) -> str:
    try:
        path = find_path(leaf, sent, trust, now)
    except NoPath as why:
        return str(why)
    return revocation_objection(path, trust, now) or names_objection(leaf, trust.names) or ""


def _moments(
    certificates: Iterable[x509.Certificate], lists: Iterable[x509.CertificateRevocationList]
) -> Iterator[datetime]:
    """Every moment at which a judgement could change; a certificate is still valid in the second of its end."""
    for each in certificates:
        yield from (each.not_valid_before_utc, each.not_valid_after_utc + _SECOND)
    for listed in lists:
        yield listed.last_update_utc
        if listed.next_update_utc is not None:
            yield listed.next_update_utc
