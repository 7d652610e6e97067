"""The binding: ties a sign-in to the browser it began in.

When a route's host sends the browser away it keeps a secret in it, in a sealed cookie, and tells the authenticate host
the secret's hash. The ticket that comes back names that hash, and is good only in the browser that holds the secret: a
stranger's finished sign-in cannot be planted here (RFC 9700 section 4.7).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from access_model.model import CookieSettings
from extauthz.attempt_cookies import AttemptCookies
from extauthz.cookies import BINDING_COOKIE, Pairs

SECRET_BYTES = 32


def binding_hash(secret: bytes) -> str:
    """The public side of a binding: 43 characters of base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"ostiary binding\x00" + secret).digest()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Bindings:
    """The binding cookies of one route's host."""

    cookies: AttemptCookies = field(repr=False)
    """Where they are kept."""

    @classmethod
    def of(cls, host: str, key: bytes, settings: CookieSettings) -> Self:
        """The bindings of a folded host; `key` seals them."""
        return cls(AttemptCookies(BINDING_COOKIE, host, key, settings))

    def plant(self, secret: bytes, presented: Pairs, nonce: bytes, now: datetime) -> tuple[str, tuple[str, ...]]:
        """A new binding: its hash for the authenticate host, and the `Set-Cookie` headers."""
        name = binding_hash(secret)
        return name, self.cookies.plant(name, {"secret": secret.hex()}, presented, nonce, now)

    def holds(self, name: str, presented: Pairs, now: datetime) -> bool:
        """Whether this browser holds the secret behind a hash."""
        value = self.cookies.open(name, presented, now)
        return value is not None and hmac.compare_digest(binding_hash(bytes.fromhex(value["secret"])), name)

    def delete(self, name: str) -> str:
        """The `Set-Cookie` header that ends a binding."""
        return self.cookies.delete(name)
