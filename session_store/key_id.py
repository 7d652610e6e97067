"""The name under which a signing key is kept and published. Pure."""

from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode


def key_id_of(key: ECKey | RSAKey) -> str:
    """Lower-case hex SHA-256 of the key's RFC 7638 thumbprint; the same for the private and the public key."""
    return urlsafe_b64decode(key.thumbprint().encode()).hex()
