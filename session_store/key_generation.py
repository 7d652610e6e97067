"""Making the key that signs assertions, for operators who configure none. The one place here that makes randomness."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from access_model.secret import Secret
from session_store.key_id import key_id_of
from session_store.records import SigningKey


def generate_signing_key(now: datetime) -> SigningKey:
    """A fresh P-256 key, from the randomness of `cryptography`; it is nobody's until a store keeps it."""
    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SigningKey(key_id_of(ECKey.import_key(private)), Secret.of(pem), now)
