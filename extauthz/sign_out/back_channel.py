"""OpenID Connect Back-Channel Logout 1.0: the provider tells us directly that somebody has signed out there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from extauthz.oidc.errors import NotTrusted, OidcError
from extauthz.oidc.logout_token import Logout, unverified_provider
from extauthz.services import Current, Services
from extauthz.web_request import WebRequest
from session_store.records import KnownSession

LOGOUT_TOKEN = "logout_token"  # noqa: S105 - the name of a parameter
USED = "logout token"


class LogoutError(StrEnum):
    """The `error` of an order that is not followed (section 2.8)."""

    INVALID = "invalid_request"
    UNAVAILABLE = "temporarily_unavailable"


@dataclass(frozen=True, slots=True)
class LogoutDone:
    """The order was followed, also where nobody was signed in."""

    logout: Logout
    """The order."""
    ended: Sequence[KnownSession]
    """What has ended."""


@dataclass(frozen=True, slots=True)
class LogoutRefused:
    """No session has ended."""

    error: LogoutError
    """For the provider."""
    detail: str
    """For the operator; holds no secret."""


async def back_channel_logout(services: Services, current: Current, request: WebRequest) -> LogoutDone | LogoutRefused:
    """Answer a POST of the provider. No cookie counts here, only the signature. Raises `StoreUnavailable`."""
    tokens = [value for name, value in request.params if name == LOGOUT_TOKEN]
    if len(tokens) != 1 or request.query:
        return LogoutRefused(LogoutError.INVALID, "the form does not hold exactly one `logout_token`")
    provider = unverified_provider(tokens[0], current.model.providers)
    if provider is None:
        return LogoutRefused(LogoutError.INVALID, "the logout token names no provider and client that are configured")
    try:
        logout = await services.provider.verify_logout_token(provider, tokens[0])
    except OidcError as error:
        refused = isinstance(error, NotTrusted)
        return LogoutRefused(LogoutError.INVALID if refused else LogoutError.UNAVAILABLE, str(error))
    return await _follow(services, logout, services.clock())


async def _follow(services: Services, logout: Logout, now: datetime) -> LogoutDone | LogoutRefused:
    if not await services.store.claim_once(USED, f"{logout.issuer} {logout.id}", logout.forgotten, now):
        return LogoutRefused(LogoutError.INVALID, f"the logout token `{logout.id}` was used before")
    ended = await services.store.end_sessions(
        logout.issuer, now, provider_session=logout.provider_session, user_id=logout.user_id
    )
    return LogoutDone(logout, ended)
