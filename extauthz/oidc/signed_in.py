"""The outcome of a sign-in that went well."""

from dataclasses import dataclass

from extauthz.oidc.claims import FlatClaims, first, truth
from session_store.records import Tokens, User


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user, as the provider vouches for them."""

    issuer: str
    """Who vouches."""
    subject: str
    """`sub`, unique with the issuer."""
    claims: FlatClaims
    """Claims of the ID token."""
    profile: FlatClaims
    """Claims of userinfo."""
    tokens: Tokens
    """The provider's tokens."""

    @property
    def email(self) -> str:
        """The address, or empty."""
        return first(self.profile, "email") or first(self.claims, "email")

    @property
    def email_verified(self) -> bool | None:
        """The provider's word on the address, from where the address is from."""
        return truth(self.profile if first(self.profile, "email") else self.claims, "email_verified")

    @property
    def name(self) -> str:
        """The display name, or empty."""
        return first(self.profile, "name") or first(self.claims, "name")

    @property
    def user(self) -> User:
        """The person as the store keeps them."""
        return User(self.issuer, self.subject, self.email, self.email_verified, self.name, self.profile)

    @property
    def provider_session(self) -> str:
        """The provider's own `sid`, or empty."""
        return first(self.claims, "sid")
