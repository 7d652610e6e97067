"""What a route makes of bearer tokens, with whoever can verify them. Pure."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Self

from access_model.bearer import BearerFormat, TokenIssuer
from access_model.model import AccessModel, IdentityProvider, Route
from access_model.secret import Secret
from extauthz.oidc.identity_bearer import provider_of
from extauthz.oidc.signed_access import issuer_of

Verifier = IdentityProvider | TokenIssuer


@dataclass(frozen=True, slots=True)
class Demand:
    """One route's demand. What is known of a token counts for the very same demand alone."""

    format: BearerFormat
    """What tokens have to be."""
    providers: tuple[IdentityProvider, ...]
    """The identity providers that count on the route."""
    issuers: tuple[TokenIssuer, ...]
    """The issuers of tokens that count there."""
    audiences: tuple[str, ...]
    """Whom access tokens of the provider may be for; empty: for us."""

    @classmethod
    def of(cls, route: Route, model: AccessModel) -> Self:
        """The demand of a route."""
        return cls(route.bearer_format, model.providers_of(route), model.issuers_of(route), route.token_audiences)

    def verifier(self, token: Secret) -> Verifier | None:
        """Who is to verify a token; None where it names nobody who counts.

        A token that does not say whose it is goes to the one provider of the route and to nobody else: a second one
        would learn a credential for the first.
        """
        match self.format:
            case "idp_identity_token":
                return provider_of(token.reveal_text(), self.providers)
            case "jwt":
                return issuer_of(token.reveal_text(), self.issuers)
            case "idp_access_token" if len(self.providers) == 1:
                return self.providers[0]
            case _:
                return None

    def key(self, verifier: Verifier) -> Hashable:
        """What else decides about a token: its kind, who verifies it, and for whom it may be."""
        if isinstance(verifier, IdentityProvider):
            return (self.format, verifier.id, verifier.kind, verifier.issuer, verifier.client_id, self.audiences)
        return (self.format, verifier)
