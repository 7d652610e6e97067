"""The key that proves us to identity providers (`private_key_jwt`, RFC 7523).

It is derived from the shared secret, so that every replica has it and nothing need be stored; it signs nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LIFETIME = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A P-256 key pair."""

    key: ECKey = field(repr=False)
    """The pair."""

    @classmethod
    def derived(cls, material: bytes) -> Self:
        """The key of 32 derived bytes; the same bytes always give the same key."""
        private = ec.derive_private_key(int.from_bytes(material) % (_ORDER - 1) + 1, ec.SECP256R1())
        key = ECKey.import_key(private, {"use": "sig", "alg": "ES256"})
        key.ensure_kid()
        return cls(key)

    def jwks(self) -> dict[str, Any]:
        """The JWK Set with the public half."""
        return {"keys": [dict(self.key.as_dict(private=False))]}

    def assertion(self, client_id: str, audience: str, token_id: str, now: datetime) -> str:
        """A client assertion, good for a minute (RFC 7523 section 3); its audience is one alone."""
        issued = int(now.timestamp())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": token_id,
            "iat": issued,
            "exp": issued + int(LIFETIME.total_seconds()),
        }
        return jwt.encode({"alg": "ES256", "typ": "JWT", "kid": self.key.kid}, claims, self.key)
