"""When the server certificates in force end, for status and metrics."""

from collections.abc import Iterable
from typing import Any

from cryptography import x509
from prometheus_client import CollectorRegistry, Gauge

from access_model.model import Certificate


class CertificateExpiry:
    """The leaves in force."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._leaves: list[x509.Certificate] = []
        self._expiry = Gauge(
            "tls_certificate_expiry_timestamp_seconds",
            "When a server certificate ends",
            ["certificate"],
            registry=registry,
        )

    def replace(self, certificates: Iterable[Certificate]) -> None:
        """These are in force now, and no others."""
        self._leaves = [x509.load_pem_x509_certificates(each.chain_pem.encode())[0] for each in certificates]
        self._expiry.clear()
        for leaf in self._leaves:
            self._expiry.labels(_names(leaf)).set(leaf.not_valid_after_utc.timestamp())

    def status(self) -> dict[str, Any]:
        """Plain values: by name, when each ends."""
        return {_names(leaf): leaf.not_valid_after_utc.isoformat() for leaf in self._leaves}


def _names(leaf: x509.Certificate) -> str:
    """The names that it is for, or else its subject."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return leaf.subject.rfc4514_string()
    return ",".join(str(name.value) for name in names)
