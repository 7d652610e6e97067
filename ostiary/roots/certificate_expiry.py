"""When certificates in force end, and what those of clients are judged by, for status and metrics."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from prometheus_client import CollectorRegistry, Gauge

from access_model.client_trust import trust_of
from access_model.model import Certificate, ClientCertificates

SERVER = "server"


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that is good up to a moment."""

    kind: str
    """`server`, or what clients' certificates are judged by: `client-authority` or `revocation-list`."""
    name: str
    """The names that it is for, or whose it is."""
    at: datetime
    """When it ends."""


class CertificateExpiry:
    """What is in force."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._endings: tuple[Ending, ...] = ()
        self._servers = Gauge(
            "tls_certificate_expiry_timestamp_seconds",
            "When a server certificate ends",
            ["certificate"],
            registry=registry,
        )
        self._clients = Gauge(
            "downstream_mtls_expiry_timestamp_seconds",
            "When an authority of clients, or a revocation list, ends",
            ["kind", "name"],
            registry=registry,
        )

    def replace(self, certificates: Iterable[Certificate], asked: ClientCertificates | None) -> None:
        """These are in force now, and no others."""
        self._endings = (*_of_servers(certificates), *(_of_clients(asked) if asked else ()))
        self._servers.clear()
        self._clients.clear()
        for ending in self._endings:
            gauge = (
                self._servers.labels(ending.name)
                if ending.kind == SERVER
                else self._clients.labels(ending.kind, ending.name)
            )
            gauge.set(ending.at.timestamp())

    def status(self) -> dict[str, Any]:
        """Plain values: by name, when each server certificate ends; the others by kind before that."""
        servers = {each.name: each.at.isoformat() for each in self._endings if each.kind == SERVER}
        others = {f"{each.kind} {each.name}": each.at.isoformat() for each in self._endings if each.kind != SERVER}
        return servers | others


def _of_servers(certificates: Iterable[Certificate]) -> Iterator[Ending]:
    for each in certificates:
        leaf = x509.load_pem_x509_certificates(each.chain_pem.encode())[0]
        yield Ending(SERVER, _names(leaf), leaf.not_valid_after_utc)


def _of_clients(asked: ClientCertificates) -> Iterator[Ending]:
    trust = trust_of(asked)
    for authority in trust.authorities:
        yield Ending("client-authority", authority.subject.rfc4514_string(), authority.not_valid_after_utc)
    for listed in trust.revocation_lists:
        if listed.next_update_utc is not None:
            yield Ending("revocation-list", listed.issuer.rfc4514_string(), listed.next_update_utc)


def _names(leaf: x509.Certificate) -> str:
    """The names that it is for, or else its subject."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return leaf.subject.rfc4514_string()
    return ",".join(str(name.value) for name in names)
