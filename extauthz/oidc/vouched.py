"""The outcome of verifying a bearer token."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from extauthz.oidc.errors import AccessTokenRefused, KeySetUnusable, NotTrusted, Reason
from extauthz.oidc.signed_in import SignedIn


@dataclass(frozen=True, slots=True)
class Vouched:
    """Somebody whom a bearer token speaks for."""

    who: SignedIn
    """The user; its tokens are the one that was presented."""
    provider_id: str
    """Id of the provider, or name of the issuer."""
    expires: datetime | None
    """When the token ends; None where nobody says so."""


_TOKENS_FAULTS = frozenset(
    {
        Reason.ID_TOKEN_MALFORMED,
        Reason.ID_TOKEN_ALGORITHM,
        Reason.ID_TOKEN_KEY,
        Reason.ID_TOKEN_SIGNATURE,
        Reason.ID_TOKEN_ISSUER,
        Reason.ID_TOKEN_AUDIENCE,
        Reason.ID_TOKEN_TIME,
        Reason.ID_TOKEN_SUBJECT,
        Reason.TOKEN_INACTIVE,
        Reason.TOKEN_KIND,
        Reason.USERINFO_SUBJECT,
    }
)


def is_tokens_fault(error: NotTrusted) -> bool:
    """Whether a token was refused for what it is. Anything else lies with the provider or with our registration there,
    and nothing is known of the token then."""
    if isinstance(error, KeySetUnusable):
        return False
    return isinstance(error, AccessTokenRefused) or error.reason in _TOKENS_FAULTS


def end_of(claims: dict[str, Any]) -> datetime | None:
    """The `exp` of checked claims, if they have one."""
    return datetime.fromtimestamp(float(claims["exp"]), UTC) if "exp" in claims else None
