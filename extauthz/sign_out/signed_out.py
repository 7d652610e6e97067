"""`/.pomerium/signed_out` on the authenticate host: where every way out ends."""

from dataclasses import dataclass, field

from extauthz.services import Current, Services
from extauthz.session_cookie import delete_session_cookie
from extauthz.sign_in.own_session import own_session
from extauthz.web_request import Redirect, WebRequest


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Show the page that says so."""

    set_cookies: tuple[str, ...] = field(default=(), repr=False)
    """Values of `Set-Cookie` headers, in order."""


async def signed_out(services: Services, current: Current, request: WebRequest) -> SignedOut | Redirect:
    """Answer GET: sweep up the authenticate host's dead cookie, then the operator's page or ours.

    A cookie that still opens a session stays: whoever sends a browser here must not be able to sign it out. The
    `state` that went to the provider is not compared, since nothing here depends on who comes.
    """
    known = await own_session(services, current, request, services.clock())
    swept = () if known else (delete_session_cookie(request.host, current.model.cookie),)
    target = current.model.signout_redirect_url
    return SignedOut(swept) if target is None else Redirect(target, swept)
