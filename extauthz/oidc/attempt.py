"""One attempt to sign in: what is remembered between leaving for the provider and coming back."""

import base64
import hashlib
from dataclasses import dataclass, field

from access_model.policy import StepUp

ATTEMPT_BYTES = 32
"""Entropy of each of state, nonce and verifier."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Good for one authorization request and one response to it."""

    state: str
    """Names the attempt, 43 characters of base64url; travels in URLs, so it proves nothing alone."""
    issuer: str
    """Who was asked."""
    redirect_uri: str
    """Where the answer was to be sent."""
    nonce: str = field(repr=False)
    """Has to come back in the ID token."""
    code_verifier: str = field(repr=False)
    """PKCE (RFC 7636): proves to the token endpoint that the code was asked for here."""
    demand: StepUp | None = None
    """What the sign-in has to prove, where an earlier one was not enough."""

    @property
    def code_challenge(self) -> str:
        """The S256 challenge of the verifier."""
        return encoded(hashlib.sha256(self.code_verifier.encode()).digest())


def new_attempt(
    issuer: str, redirect_uri: str, state: bytes, nonce: bytes, verifier: bytes, *, demand: StepUp | None = None
) -> Attempt:
    """An attempt of three times 32 unguessable bytes."""
    if any(len(each) != ATTEMPT_BYTES for each in (state, nonce, verifier)):
        raise ValueError(f"state, nonce and verifier are made of {ATTEMPT_BYTES} bytes each")
    return Attempt(encoded(state), issuer, redirect_uri, encoded(nonce), encoded(verifier), demand)


def encoded(value: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
