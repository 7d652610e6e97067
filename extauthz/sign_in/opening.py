"""The authenticate host's sign-in page: whoever has a session goes on, everybody else goes to the provider."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from access_model.model import IdentityProvider
from extauthz import served_hosts
from extauthz.oidc.attempt import ATTEMPT_BYTES, new_attempt
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable
from extauthz.oidc.finish import SignInRefused
from extauthz.sealed_text import NONCE_BYTES
from extauthz.services import Current, Services
from extauthz.sign_in import failures
from extauthz.sign_in.login_state import CALLBACK_PATH, LoginState, LoginStates
from extauthz.sign_in.own_session import own_session
from extauthz.sign_in_link import BINDING, PROVIDER, REDIRECT_URI
from extauthz.signed_url import SignatureRefused, sign, verify
from extauthz.ticket import ID_BYTES, LIFETIME, Ticket, seal_ticket
from extauthz.web_request import Failure, Redirect, WebRequest
from session_store.records import Session

LANDING_PATH = "/.pomerium/callback/"
TICKET = "pomerium_session_encrypted"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a verified sign-in link asks for."""

    return_to: str
    """Where the person wants to go; a URL of a served host."""
    binding: str
    """Hash of the binding that the browser holds there."""


async def open_sign_in(services: Services, current: Current, request: WebRequest) -> Redirect | Failure:
    """Answer `/.pomerium/sign_in` of the authenticate host."""
    now = services.clock()
    asked = _asked(current, request, now)
    if isinstance(asked, Failure):
        return asked
    known = await own_session(services, current, request, now)
    if known is not None:
        return Redirect(_landing_url(services, current, known.session, asked, now))
    provider = current.model.provider
    if provider is None:
        return failures.no_provider()
    return await _to_provider(services, current, request, asked=asked, provider=provider, now=now)


def _asked(current: Current, request: WebRequest, now: datetime) -> Asked | Failure:
    if request.host != current.model.authenticate.host:
        return failures.bad_link(f"`{request.host}` is not the authenticate host")
    verified = verify(request.url, current.keys.internal_url, now)
    if isinstance(verified, SignatureRefused):
        return failures.bad_link(f"the sign-in link is refused: {verified.reason}")
    params = verified.params
    target = served_hosts.return_target(current.model, params.get(REDIRECT_URI, ""))
    if target is None or BINDING not in params:
        return failures.bad_target("the sign-in link leads back to no host that is served")
    if current.model.provider and params.get(PROVIDER, current.model.provider.id) != current.model.provider.id:
        return failures.bad_link("the sign-in link names an identity provider that is not configured any more")
    return Asked(target, params[BINDING])


def _landing_url(services: Services, current: Current, session: Session, asked: Asked, now: datetime) -> str:
    host = served_hosts.host_of(asked.return_to)
    ticket = Ticket(services.entropy(ID_BYTES).hex(), session.id, host, asked.binding, now + LIFETIME)
    sealed = seal_ticket(ticket, current.keys.sign_in_ticket, services.entropy(NONCE_BYTES))
    query = urlencode({TICKET: sealed, "pomerium_redirect_uri": asked.return_to})
    base = served_hosts.base_of(asked.return_to)
    return sign(f"{base}{LANDING_PATH}?{query}", current.keys.internal_url, now)


async def _to_provider(
    services: Services,
    current: Current,
    request: WebRequest,
    *,
    asked: Asked,
    provider: IdentityProvider,
    now: datetime,
) -> Redirect | Failure:
    attempt = new_attempt(
        provider.issuer,
        f"{current.model.authenticate_url}{CALLBACK_PATH}",
        state=services.entropy(ATTEMPT_BYTES),
        nonce=services.entropy(ATTEMPT_BYTES),
        verifier=services.entropy(ATTEMPT_BYTES),
    )
    try:
        location = await services.provider.authorize(provider, attempt)
    except ProviderUnavailable as error:
        return failures.unavailable(str(error), retry_url=asked.return_to)
    except NotTrusted as error:
        return failures.refused(SignInRefused(error.reason, str(error)), retry_url=asked.return_to)
    login = LoginState(attempt, provider.id, asked.return_to, asked.binding, now)
    states = LoginStates.of(current.model, current.keys)
    return Redirect(location, states.plant(login, request.cookies, services.entropy(NONCE_BYTES)))
