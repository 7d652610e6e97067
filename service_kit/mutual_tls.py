"""Mutual TLS of our servers: both sides show a certificate, and renewals take effect without dropping a connection.

What was handed in last counts for every handshake from then on; connections from before go on as they are.
"""

import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import grpc


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """What a server shows, and whom it believes."""

    chain_pem: bytes
    """Its certificate and chain, leaf first."""
    key_pem: bytes = field(repr=False)
    """Its private key, unencrypted."""
    authorities_pem: bytes
    """Authorities that clients' certificates must come from."""


class TlsUnusable(ValueError):
    """OpenSSL does not take a certificate, a key or an authority; the message gives its reason."""

    code = "tls-unusable"


class MutualTls:
    """The TLS of one process, for its gRPC and its web servers. A client without a valid certificate is refused."""

    def __init__(self, material: TlsMaterial) -> None:
        self._context = _context(material)
        self._configuration = _configuration(material)

    def prepare(self, material: TlsMaterial) -> Callable[[], None]:
        """Make ready; what it returns puts it in force for the next handshakes. Raises TlsUnusable."""
        context, configuration = _context(material), _configuration(material)

        def commit() -> None:
            self._context, self._configuration = context, configuration

        return commit

    def grpc_credentials(self) -> Any:
        """Credentials for a gRPC server's port; they ask for what counts at every connection."""
        return grpc.dynamic_ssl_server_credentials(
            self._configuration, lambda: self._configuration, require_client_authentication=True
        )

    def web_context(self) -> ssl.SSLContext:
        """A context for a web server; each connection gets the one that counts when it comes."""
        return _Following.of(lambda: self._context)


class _Following(ssl.SSLContext):
    """Of itself without a certificate; every connection is made by another context.

    A context remembers sessions, and who resumes one is not verified again. So what replaces a context must not
    share its sessions, or a client would go on whose authority was taken away.
    """

    _current: Callable[[], ssl.SSLContext]

    @classmethod
    def of(cls, current: Callable[[], ssl.SSLContext]) -> Self:
        """Follow what a function returns."""
        following = cls(ssl.PROTOCOL_TLS_SERVER)
        following.verify_mode = ssl.CERT_REQUIRED
        following._current = current
        return following

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Begin a connection, as asyncio does."""
        return self._current().wrap_bio(*args, **kwargs)


def _configuration(material: TlsMaterial) -> Any:
    pairs = [(material.key_pem, material.chain_pem)]
    return grpc.ssl_server_certificate_configuration(pairs, material.authorities_pem)


def _context(material: TlsMaterial) -> ssl.SSLContext:
    """TLS 1.2 and later, with a client certificate (`PROTOCOL_TLS_SERVER` and `CERT_REQUIRED`)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    # OpenSSL takes a key from a file alone; this one is its owner's, and gone at the end of the block.
    with tempfile.NamedTemporaryFile() as file:
        file.write(material.key_pem + b"\n" + material.chain_pem)
        file.flush()
        try:
            context.load_verify_locations(cadata=material.authorities_pem.decode())
            context.load_cert_chain(file.name)
        except ssl.SSLError as error:
            raise TlsUnusable(f"the certificates of our services cannot be used: {error.reason}") from error
    return context
