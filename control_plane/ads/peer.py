"""Who is at the other end of a gRPC call."""

from typing import Any

from access_model.client_certificate import CertificateNames, read_certificate

_NAMELESS = CertificateNames(fingerprint="", spki_hash="")


def peer_of(call: Any) -> CertificateNames | None:
    """The certificate that the client was verified by; None where the connection has no TLS.

    One that cannot be read has no names: it is a stranger's, and not as good as none.
    """
    context = call.auth_context()
    if b"ssl" not in context.get("transport_security_type", ()):
        return None
    pem = next(iter(context.get("x509_pem_cert", ())), b"")
    return read_certificate(pem.decode(errors="replace")) or _NAMELESS
