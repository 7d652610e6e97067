"""Bearer tokens that stand for whoever presents them (RFC 6750): what routes make of them, and who may issue them."""

from dataclasses import dataclass
from typing import Literal

BearerFormat = Literal["default", "idp_access_token", "idp_identity_token", "jwt"]
"""`default`: they are the upstream's. Otherwise they are verified here, and stay here."""

DEFAULT_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signature algorithms that are accepted where nobody says which (RFC 8725 section 3.1)."""
ALGORITHMS = (*DEFAULT_ALGORITHMS, "RS384", "RS512", "PS384", "PS512", "ES384", "ES512")
"""Those that can be accepted: each signs with a private key, so that who verifies cannot forge."""

ANY_AUDIENCE = "*"
"""Stands for every audience, and for tokens that do not say whom they are for."""


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Somebody whose signed tokens count as credentials of programs; nobody signs in there."""

    name: str
    """Its name in `identity_providers`."""
    issuer: str
    """`iss` of its tokens, exactly."""
    jwks_url: str | None
    """Its public keys; None: where its discovery document says."""
    audiences: tuple[str, ...]
    """`aud` of its tokens has to hold one of these; at least one."""
    algorithms: tuple[str, ...] = DEFAULT_ALGORITHMS
    """How they may be signed; at least one of `ALGORITHMS`."""
