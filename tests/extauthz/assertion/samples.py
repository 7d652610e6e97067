"""Fixed keys, a fixed time and a user, so that bytes can be pinned."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from access_model.facts import Identity
from access_model.secret import Secret

NOW = datetime(2031, 5, 6, 7, 8, 9, 999999, UTC)
TOKEN_ID = "8c0a6c8e-4f1b-4d7e-9b53-0f7d3c5a2b11"


def elliptic_key(scalar: int = 1234567890123456789) -> EllipticCurvePrivateKey:
    """A P-256 key that is always the same."""
    return derive_private_key(scalar, SECP256R1())


def pem(key: EllipticCurvePrivateKey) -> bytes:
    """PKCS #8 PEM of a key."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def elliptic_pem(scalar: int = 1234567890123456789) -> Secret:
    """The same key as an operator would write it."""
    return Secret.of(pem(elliptic_key(scalar)))


def encode(value: bytes) -> str:
    """base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The inverse of `encode`."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


ANNA = Identity(
    user_id="anna",
    session_id="0f6f0d0e-0000-4000-8000-000000000001",
    email="anna@example.com",
    name="Anna",
    session_claims={"groups": ("staff", "ops"), "acr": ("2",), "roles": ("a", "b"), "name": ("Anna B.",)},
    user_claims={"address.country": ("NO",), "acr": ("1",), "name": ("Somebody",)},
)
