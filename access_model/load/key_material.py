"""Secrets and certificates as the operator gives them: base64, PEM, or base64 of PEM."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from access_model.load.problems import Mistake
from access_model.model import Certificate
from access_model.secret import Secret

SECRET_BYTES = 32
_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)


def root_secret(text: str) -> Secret:
    """Read a secret of at least 32 bytes: base64 (as documented), or the text itself. Raises `Mistake`."""
    for candidate in (_base64(text), text.encode()):
        if candidate is not None and len(candidate) >= SECRET_BYTES:
            return Secret(candidate)
    raise Mistake(
        "weak-secret", "the secret is shorter than 32 bytes", "make one with `head -c32 /dev/urandom | base64`"
    )


def client_secret(text: str) -> Secret:
    """Read a client secret, which may be anything but nothing. Raises `Mistake`."""
    if not text:
        raise Mistake("empty-secret", "the client secret is empty", "give it, or leave the key out for a public client")
    return Secret.of(text)


def pem(text: str) -> str:
    """PEM as it is, or out of base64. Raises `Mistake` when it is neither."""
    decoded = text if "-----BEGIN " in text else (_base64("".join(text.split())) or b"").decode(errors="replace")
    if "-----BEGIN " not in decoded:
        raise Mistake("bad-pem", "this is neither PEM nor base64 of PEM", "paste the whole block with its BEGIN line")
    return decoded.strip() + "\n"


def signing_keys(text: str) -> Secret:
    """Read the private keys that sign assertions: P-256 or RSA from 2048 bits. Raises `Mistake`."""
    blocks = [block[0] for block in _PRIVATE_KEY.finditer(pem(text))]
    if not blocks:
        raise Mistake("bad-pem", "there is no private key in this PEM", "give a private key, unencrypted")
    for block in blocks:
        match _private_key(block):
            case EllipticCurvePrivateKey(curve=SECP256R1()):
                pass
            case RSAPrivateKey(key_size=size) if size >= 2048:
                pass
            case _:
                raise Mistake(
                    "bad-signing-key", "the key is of a kind that cannot sign here", "use P-256 or RSA from 2048 bits"
                )
    return Secret.of("\n".join(blocks) + "\n")


def certificate_chain(text: str) -> tuple[x509.Certificate, str]:
    """Read a chain, leaf first, and return the leaf with the PEM. Raises `Mistake`."""
    chain = pem(text)
    try:
        return x509.load_pem_x509_certificates(chain.encode())[0], chain
    except (ValueError, UnsupportedAlgorithm):
        raise Mistake(
            "bad-pem", "this is not a certificate in PEM", "give the certificate and its chain, leaf first"
        ) from None


def certificate(chain_pem: str, leaf: x509.Certificate, key_text: str) -> Certificate:
    """Join a chain with its private key. Raises `Mistake` when they do not belong together."""
    key_pem = pem(key_text)
    if _public_bytes(_private_key(key_pem).public_key()) != _public_bytes(leaf.public_key()):
        raise Mistake("key-mismatch", "the key does not belong to the certificate", "give the key it was made with")
    return Certificate(chain_pem, Secret.of(key_pem))


def validity_objection(leaf: x509.Certificate, now: datetime) -> str | None:
    """What speaks against using a certificate now, or None."""
    if now > leaf.not_valid_after_utc:
        return f"the certificate expired on {leaf.not_valid_after_utc:%Y-%m-%d}"
    if now < leaf.not_valid_before_utc:
        return f"the certificate is not valid before {leaf.not_valid_before_utc:%Y-%m-%d}"
    return None


def _private_key(block: str) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(block.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Mistake(
            "bad-pem", "this is not an unencrypted private key in PEM", "give the key without a passphrase"
        ) from None


def _public_bytes(key: object) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded


def _base64(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None
