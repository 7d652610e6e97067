"""`/.pomerium/sign_out`: ends the session of this browser on all hosts, and leads out through the provider."""

from dataclasses import dataclass

from extauthz.services import Current, Services
from extauthz.session_cookie import delete_session_cookie
from extauthz.sign_in.own_session import own_session
from extauthz.sign_out.intent import Intent, intent
from extauthz.web_request import Failure, FailureKind, Redirect, WebRequest
from session_store.records import KnownSession

SIGNED_OUT_PATH = "/.pomerium/signed_out"
STATE_BYTES = 16


@dataclass(frozen=True, slots=True)
class AskFirst:
    """Show the page that asks; its form posts to the same address."""


async def sign_out(services: Services, current: Current, request: WebRequest) -> Redirect | AskFirst | Failure:
    """Answer GET and POST. Without a session there is nothing to end, and the way out is the same.

    The cookie is deleted, and the session gone, before anybody else is asked: a provider that does not answer keeps
    nobody signed in.
    """
    wanted = intent(request, current.model)
    if wanted is Intent.FOREIGN:
        return foreign(request)
    if wanted is Intent.UNCLEAR:
        return AskFirst()
    now = services.clock()
    known = await own_session(services, current, request, now)
    ended = await services.store.end_session(known.session.id, now) if known else None
    location = await _way_out(services, current, ended) if ended else None
    forget = delete_session_cookie(request.host, current.model.cookie)
    return Redirect(location or _signed_out_url(current), (forget,))


async def _way_out(services: Services, current: Current, ended: KnownSession) -> str | None:
    """The provider's own sign-out; None where it has none, does not answer, or is configured no longer."""
    provider = current.model.provider_by_id(ended.session.provider_id)
    if provider is None:
        return None
    tokens = ended.session.tokens
    await services.provider.revoke(provider, tokens)
    state = services.entropy(STATE_BYTES).hex()
    return await services.provider.end_session_url(provider, tokens, _signed_out_url(current), state)


def _signed_out_url(current: Current) -> str:
    return f"{current.model.authenticate_url}{SIGNED_OUT_PATH}"


def foreign(request: WebRequest) -> Failure:
    """Another site asked."""
    return Failure(
        FailureKind.CROSS_SITE,
        403,
        "You are still signed in",
        "Another site tried to sign you out. If you want to sign out, use the button on this service's own page.",
        f"a sign-out was posted from `{(request.header('origin') or 'nowhere')[:200]}`, which is not served here",
    )
