"""What clients' certificates are judged by: the settings with their PEM read, once for each configuration."""

from dataclasses import dataclass, field
from functools import lru_cache

from cryptography import x509
from cryptography.x509.verification import Store

from access_model.model import ClientCertificates, SubjectName

DEEPEST = 100
"""Most authorities that a chain may have where no limit is set, as in Envoy."""
_PEM_LIST = b"-----BEGIN X509 CRL-----"


@dataclass(frozen=True, slots=True)
class Trust:
    """The settings, ready for use."""

    authorities: tuple[x509.Certificate, ...]
    """Where a path may end, be they roots or not."""
    revocation_lists: tuple[x509.CertificateRevocationList, ...]
    """What these authorities, and those below them, revoked; without any, revocation is not looked at."""
    names: tuple[SubjectName, ...]
    """Rules about names, one of which must hold; none for any name."""
    max_depth: int
    """Most authorities in a path, the last one included."""
    store: Store = field(repr=False, compare=False)
    """`authorities`, in the form that paths are looked for in."""


@lru_cache(maxsize=4)
def trust_of(settings: ClientCertificates) -> Trust:
    """Read the settings, which were checked when the configuration was loaded. Raises `ValueError` otherwise."""
    authorities = tuple(x509.load_pem_x509_certificates(settings.ca_pem.encode()))
    return Trust(
        authorities,
        read_revocation_lists(settings.crl_pem),
        settings.names,
        settings.max_depth or DEEPEST,
        Store(list(authorities)),
    )


def read_revocation_lists(pem: str) -> tuple[x509.CertificateRevocationList, ...]:
    """Every list of a PEM text. Raises `ValueError`."""
    blocks = pem.encode().split(_PEM_LIST)[1:]
    return tuple(x509.load_pem_x509_crl(_PEM_LIST + block) for block in blocks)
