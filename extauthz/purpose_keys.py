"""The keys of one purpose each that this service derives from the operator's secrets."""

from dataclasses import dataclass, field
from typing import Self

from access_model.keys import Purpose, derive_key
from access_model.secret import Secret


@dataclass(frozen=True, slots=True)
class PurposeKeys:
    """Derived keys, 32 bytes each; a value made with one verifies under no other."""

    internal_url: bytes = field(repr=False)
    """HMAC key of signed URLs."""
    login_state: bytes = field(repr=False)
    """AEAD key of the login state cookie."""
    sign_in_binding: bytes = field(repr=False)
    """AEAD key of the cookie that binds a sign-in to the browser it began in."""
    sign_in_ticket: bytes = field(repr=False)
    """AEAD key of the one-time ticket that carries a login to a route's host."""

    @classmethod
    def derive(cls, secret: Secret, cookie_secret: Secret | None = None) -> Self:
        """Derive all of them; the cookies' keys come from the cookie secret where there is one."""
        cookies = cookie_secret or secret
        return cls(
            internal_url=derive_key(secret, Purpose.INTERNAL_URL),
            login_state=derive_key(cookies, Purpose.LOGIN_STATE),
            sign_in_binding=derive_key(cookies, Purpose.SIGN_IN_BINDING),
            sign_in_ticket=derive_key(secret, Purpose.SIGN_IN_TICKET),
        )
