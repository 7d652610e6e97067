"""Whether a certificate of a path was revoked (RFC 5280 section 6.3).

As in Envoy, whoever gives one list gives them all: where there are any, each issuer in a path needs one that is valid
now. A list that has run out, or that only half applies, tells nothing about what has been revoked since.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise

from cryptography import x509

from access_model.client_trust.path import Path
from access_model.client_trust.trust import Trust


def revocation_objection(path: Path, trust: Trust, now: datetime) -> str | None:
    """What the lists have against a path at `now`, for operators; None without lists, or where they have nothing."""
    if not trust.revocation_lists:
        return None
    return next((said for link in _links(path, trust) if (said := _objection(*link, trust, now))), None)


def _links(path: Path, trust: Trust) -> Iterator[tuple[x509.Certificate, list[x509.Certificate]]]:
    """Each certificate with those that may have issued it.

    The last one is there by the operator's word. It is looked up all the same where its own issuer is, too: so an
    authority below a root cannot outlive its revocation by being named beside it.
    """
    yield from ((certificate, [issuer]) for certificate, issuer in pairwise(path))
    last = path[-1]
    above = [each for each in trust.authorities if each.subject == last.issuer and each != last]
    if above:
        yield last, above


def _objection(
    certificate: x509.Certificate, issuers: Iterable[x509.Certificate], trust: Trust, now: datetime
) -> str | None:
    authority = certificate.issuer.rfc4514_string()
    lists = [each for each in trust.revocation_lists if any(_is_from(each, issuer) for issuer in issuers)]
    if any(each.get_revoked_certificate_by_serial_number(certificate.serial_number) for each in lists):
        return f"`{authority}` revoked its certificate {certificate.serial_number:x}"
    if not any(_in_force(each, now) for each in lists):
        return f"there is no revocation list of `{authority}` that is valid now"
    return None


def _is_from(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether an authority made this list."""
    if listed.issuer != issuer.subject or not _signs_lists(issuer):
        return False
    # A key that signs nothing raises `TypeError`, and then the certificate is not trusted.
    return listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]


def _signs_lists(issuer: x509.Certificate) -> bool:
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True


def _in_force(listed: x509.CertificateRevocationList, now: datetime) -> bool:
    end = listed.next_update_utc
    return end is not None and listed.last_update_utc <= now < end
