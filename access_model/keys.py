"""One key per purpose, derived from the operator's `shared_secret` (HKDF-SHA256, RFC 5869)."""

from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from access_model.secret import Secret

KEY_BYTES = 32


class Purpose(StrEnum):
    """What a derived key is for; the label keeps a value made for one purpose useless for every other."""

    INTERNAL_URL = "internal url signature v1"
    LOGIN_STATE = "login state cookie v1"
    SIGN_IN_BINDING = "sign-in binding cookie v1"
    SIGN_IN_TICKET = "sign-in ticket v1"
    CLIENT_KEY = "client authentication key v1"
    STORE_AT_REST = "session store at rest v1"
    SERVICE_TOKEN = "service account token v1"  # noqa: S105 - a label, not a credential


def derive_key(secret: Secret, purpose: Purpose) -> bytes:
    """Return the 32-byte key of `purpose`; the same secret and purpose always give the same key."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"ostiary " + purpose.encode()).derive(
        secret.reveal()
    )
