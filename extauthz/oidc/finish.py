"""The second half of a sign-in: from the authorization response to a user, or to a reason why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access_model.model import IdentityProvider
from extauthz.oidc.attempt import Attempt
from extauthz.oidc.callback import check_issuer, read_response
from extauthz.oidc.claims import FlatClaims, first, flatten, truth
from extauthz.oidc.discovery import ProviderMetadata, discover
from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.http import Exchange
from extauthz.oidc.id_token import Expected, verify_id_token
from extauthz.oidc.key_lookup import find_keys
from extauthz.oidc.signed_token import read_header
from extauthz.oidc.tokens import TokenResponse, redeem_code
from extauthz.oidc.userinfo import fetch_userinfo
from session_store.records import Tokens


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
    def provider_session(self) -> str:
        """The provider's own `sid`, or empty."""
        return first(self.claims, "sid")


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """No user: the sign-in ends here."""

    reason: Reason
    """Why."""
    detail: str
    """For the operator; holds no secret."""


def finish_sign_in(
    attempt: Attempt, params: Iterable[tuple[str, str]], provider: IdentityProvider, now: datetime
) -> Exchange[SignedIn | SignInRefused]:
    """Turn the authorization response of an attempt into a user.

    `params` are all parameters of the response, repeated ones included. The code is redeemed at most once.
    """
    try:
        return (yield from _finish(attempt, params, provider, now))
    except NotTrusted as refused:
        return SignInRefused(refused.reason, str(refused))


def _finish(
    attempt: Attempt, params: Iterable[tuple[str, str]], provider: IdentityProvider, now: datetime
) -> Exchange[SignedIn]:
    response = read_response(params)
    metadata = yield from discover(provider)
    if attempt.issuer != metadata.issuer:
        raise NotTrusted(Reason.RESPONSE_ISSUER, f"`{attempt.issuer}` was asked, which is not configured any more")
    check_issuer(response, metadata.issuer, announced=metadata.announces_issuer)
    tokens = yield from redeem_code(provider, metadata, attempt, response.code)
    claims = yield from _id_token_claims(attempt, provider, metadata, tokens, now)
    userinfo = yield from fetch_userinfo(metadata, tokens.access_token, claims["sub"])
    return SignedIn(metadata.issuer, claims["sub"], flatten(claims), flatten(userinfo), tokens.tokens(now))


def _id_token_claims(
    attempt: Attempt, provider: IdentityProvider, metadata: ProviderMetadata, tokens: TokenResponse, now: datetime
) -> Exchange[dict[str, Any]]:
    header = read_header(tokens.unverified_id_token, metadata.id_token_algorithms)
    keys = yield from find_keys(metadata.jwks_uri, header)
    expected = Expected(metadata.issuer, provider.client_id, attempt.nonce, tokens.access_token)
    return verify_id_token(tokens.unverified_id_token, header, keys, expected, now)
