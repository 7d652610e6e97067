"""A client's certificate from a file, for tools that decide requests which nobody sent."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from access_model.facts import ClientCertificate


class NotACertificate(ValueError):
    """The file holds no certificate that could be shown; the message says what it is."""


def read_client_certificate(file: Path) -> ClientCertificate:
    """Read a PEM file as a client would use it: its certificate first. Raises `NotACertificate`."""
    try:
        text = file.read_text(encoding="utf-8")
        leaf, *_ = x509.load_pem_x509_certificates(text.encode())
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise NotACertificate(f"the client certificate `{file}` cannot be read: {reason}") from None
    except ValueError:
        raise NotACertificate(f"`{file}` holds no certificate in PEM") from None
    return ClientCertificate(leaf.public_bytes(Encoding.PEM).decode(), trusted=False, chain=text)
