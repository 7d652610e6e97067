"""OpenID Connect Front-Channel Logout 1.0: the provider has the browser load our sign-out in a hidden frame.

A frame on the provider's page brings no cookie of ours (`SameSite`), so what counts is `iss` and `sid`, which only the
provider, we and the browser concerned know. Tokens are not revoked from here: nothing proves who asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from extauthz.oidc.discovery import may_issue
from extauthz.services import Current, Services
from extauthz.web_request import Failure, FailureKind, WebRequest
from session_store.records import KnownSession

ISSUER, SESSION = "iss", "sid"


@dataclass(frozen=True, slots=True)
class FrameLoaded:
    """Show a page that the provider may frame. Cookies are left to themselves: they open nothing any more."""

    framed_by: str
    """Origin of the provider."""
    ended: Sequence[KnownSession]
    """What has ended; empty where the provider's session was not known."""


def is_front_channel(request: WebRequest) -> bool:
    """Whether a request to sign out comes from a provider rather than from a person."""
    return request.method == "GET" and any(name in (ISSUER, SESSION) for name, _ in request.params)


async def front_channel_logout(services: Services, current: Current, request: WebRequest) -> FrameLoaded | Failure:
    """End the sessions of `iss` and `sid`; both have to be there, once. Raises `StoreUnavailable`."""
    issuers = [value for name, value in request.params if name == ISSUER]
    sessions = [value for name, value in request.params if name == SESSION]
    if len(issuers) != 1 or len(sessions) != 1 or not sessions[0]:
        return _refused()
    if not any(may_issue(provider, issuers[0]) for provider in current.model.providers):
        return _refused()
    ended = await services.store.end_sessions(issuers[0], services.clock(), provider_session=sessions[0])
    parts = urlsplit(issuers[0])
    return FrameLoaded(f"{parts.scheme}://{parts.netloc}", ended)


def _refused() -> Failure:
    return Failure(
        FailureKind.BAD_LINK,
        400,
        "Nobody was signed out",
        "A provider that signs somebody out names itself and its session, each once.",
        "a front-channel logout names no configured provider (`iss`) or no session (`sid`)",
    )
