"""One private key that signs assertions, and the reading of such keys from what an operator wrote. Pure."""

import re
from base64 import b64decode
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import ECKey, RSAKey

from access_model.secret import Secret
from session_store.key_id import key_id_of

RSA_MINIMUM_BITS = 2048
_PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_IGNORED_BLOCKS = (b"EC PARAMETERS",)  # `openssl ecparam -genkey` writes one before the key
_PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "n", "e")


class SigningKeyInvalid(ValueError):
    """A signing key that cannot be used; the message is for the operator and repeats nothing of the key."""

    code = "signing-key-invalid"


@dataclass(frozen=True, slots=True)
class AssertionKey:
    """A private key with the one algorithm it signs with."""

    kid: str
    """Lower-case hex SHA-256 of the RFC 7638 thumbprint."""
    algorithm: str
    """`ES256` or `RS256` (RFC 7518 section 3.1)."""
    private: ECKey | RSAKey = field(repr=False)
    """The key itself."""

    def public_jwk(self) -> dict[str, str]:
        """The public half as a JWK with `kid`, `use` and `alg` (RFC 7517 section 4), never a private member."""
        members = self.private.as_dict(private=False)
        public = {name: str(members[name]) for name in _PUBLIC_MEMBERS if name in members}
        return {**public, "kid": self.kid, "use": "sig", "alg": self.algorithm}


def read_keys(text: Secret) -> tuple[AssertionKey, ...]:
    """All private keys in PEM, or in base64 of PEM, in their order. Raises `SigningKeyInvalid`."""
    blocks = [match for match in _PEM_BLOCK.finditer(_as_pem(text)) if match[1] not in _IGNORED_BLOCKS]
    if not blocks:
        raise SigningKeyInvalid("the signing key holds no PEM block: give a PEM private key, or base64 of one")
    return tuple(_read_key(match[0]) for match in blocks)


def _as_pem(text: Secret) -> bytes:
    value = text.reveal()
    if b"-----BEGIN" in value:
        return value
    try:
        return b64decode(b"".join(value.split()), validate=True)
    except ValueError:
        raise SigningKeyInvalid("the signing key is neither PEM nor base64 of PEM") from None


def _read_key(pem: bytes) -> AssertionKey:
    try:
        native = load_pem_private_key(pem, password=None)
    except TypeError:
        raise SigningKeyInvalid("the signing key is encrypted: give it without a passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        # the cause may quote the key
        raise SigningKeyInvalid("the signing key is not a readable PEM private key") from None
    return _assertion_key(native)


def _assertion_key(native: PrivateKeyTypes) -> AssertionKey:
    if isinstance(native, EllipticCurvePrivateKey):
        if not isinstance(native.curve, SECP256R1):
            raise SigningKeyInvalid(
                f"the signing key is on curve `{native.curve.name}`: only P-256 (ES256) is supported"
            )
        elliptic = ECKey.import_key(native)
        return AssertionKey(key_id_of(elliptic), "ES256", elliptic)
    if isinstance(native, RSAPrivateKey):
        if native.key_size < RSA_MINIMUM_BITS:
            raise SigningKeyInvalid(f"the signing key has {native.key_size} bits: RSA needs {RSA_MINIMUM_BITS} or more")
        rsa = RSAKey.import_key(native)
        return AssertionKey(key_id_of(rsa), "RS256", rsa)
    raise SigningKeyInvalid("the signing key is neither EC P-256 (ES256) nor RSA (RS256)")
