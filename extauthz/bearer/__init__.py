"""Bearer tokens of the identity provider, or of issuers of tokens, as the credentials of programs (RFC 6750)."""

from extauthz.bearer.demand import Demand
from extauthz.bearer.presented import MalformedBearer, is_bearer, read_bearer
from extauthz.bearer.remembered import TokenRefused
from extauthz.bearer.session import session_of
from extauthz.bearer.verifying import BearerTokens

__all__ = [
    "BearerTokens",
    "Demand",
    "MalformedBearer",
    "TokenRefused",
    "is_bearer",
    "read_bearer",
    "session_of",
]
