"""What a client certificate says, read from its PEM."""

from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class CertificateNames:
    """What tells one certificate from another."""

    fingerprint: str
    """SHA-256 of the certificate, lower-case hex."""
    spki_hash: str
    """SHA-256 of its public key (SubjectPublicKeyInfo), base64."""
    emails: tuple[str, ...] = ()
    """E-mail addresses among its subject alternative names."""
    dns_names: tuple[str, ...] = ()
    """DNS names among them."""
    uris: tuple[str, ...] = ()
    """URIs among them."""


@lru_cache(REMEMBERED)
def read_certificate(pem: str) -> CertificateNames | None:
    """Read the first certificate of a PEM text; None when there is none that can be read."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        names = alternative_names(certificate)
    except (ValueError, TypeError, x509.UnsupportedGeneralNameType, x509.DuplicateExtension):
        return None
    return CertificateNames(
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        spki_hash=b64encode(sha256(spki).digest()).decode(),
        emails=tuple(names.get_values_for_type(x509.RFC822Name)),
        dns_names=tuple(names.get_values_for_type(x509.DNSName)),
        uris=tuple(names.get_values_for_type(x509.UniformResourceIdentifier)),
    )


def alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    """Its subject alternative names, empty without any. Raises `ValueError` and others of `x509` if malformed."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return x509.SubjectAlternativeName([])
