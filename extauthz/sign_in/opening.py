"""The authenticate host's sign-in page: whoever has a session goes on, everybody else goes to the provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from access_model.model import IdentityProvider, Route
from access_model.policy import StepUp
from extauthz import served_hosts
from extauthz.oidc.attempt import ATTEMPT_BYTES, new_attempt
from extauthz.oidc.errors import NotTrusted, ProviderUnavailable
from extauthz.oidc.finish import SignInRefused
from extauthz.programs.redirect_target import with_credential
from extauthz.sealed_text import NONCE_BYTES
from extauthz.services import Current, Services
from extauthz.session_cookie import HANDLE_BYTES, issue_handle
from extauthz.sign_in import failures
from extauthz.sign_in.choosing import ProviderChoice, choice
from extauthz.sign_in.destinations import is_allowed, retry_url, route_of
from extauthz.sign_in.landing_link import landing_url
from extauthz.sign_in.login_state import LoginState, LoginStates, callback_path
from extauthz.sign_in.own_session import is_ambiguous, own_session
from extauthz.sign_in_link import BINDING, PROGRAM_HOST, PROGRAMMATIC, PROVIDER, REDIRECT_URI, Destination
from extauthz.signed_url import SignatureRefused, verify
from extauthz.step_up import demand_of
from extauthz.web_request import Failure, Redirect, WebRequest
from session_store.records import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """What a verified sign-in link asks for."""

    destination: Destination
    """Where it is to lead; allowed."""
    providers: tuple[IdentityProvider, ...]
    """With whom one may sign in: all that the destination takes, or the one that the link names."""
    route: Route | None
    """The route of the destination."""
    demand: StepUp | None = None
    """What the sign-in has to prove, where an earlier one was not enough."""

    def accepts(self, session: Session) -> bool:
        """Whether somebody with this session need not sign in again."""
        return self.demand is None and (self.route is None or self.route.takes(session.provider_id))


async def open_sign_in(
    services: Services, current: Current, request: WebRequest
) -> Redirect | Failure | ProviderChoice:
    """Answer `/.pomerium/sign_in` of the authenticate host."""
    now = services.clock()
    asked = _asked(current, request, now)
    if isinstance(asked, Failure):
        return asked
    if is_ambiguous(current, request):
        return failures.cookies_ambiguous(current.model.cookie.name, retry_url(asked.destination))
    known = await own_session(services, current, request, now)
    if known is not None and asked.accepts(known.session):
        return await _go_on(services, current, known.session, asked.destination, now)
    if not asked.providers:
        return failures.no_provider()
    if len(asked.providers) > 1:
        return choice(current, asked.providers, asked.destination, now, asked.demand)
    return await _to_provider(services, current, request, asked=asked, provider=asked.providers[0], now=now)


def _asked(current: Current, request: WebRequest, now: datetime) -> Asked | Failure:
    if request.host != current.model.authenticate.host:
        return failures.bad_link(f"`{request.host}` is not the authenticate host")
    verified = verify(request.url, current.keys.internal_url, now)
    if isinstance(verified, SignatureRefused):
        return failures.bad_link(f"the sign-in link is refused: {verified.reason}")
    destination = _destination(verified.params)
    if destination is None or not is_allowed(current.model, destination):
        return failures.bad_target("the sign-in link leads back to no host that is served")
    route = route_of(current.model, destination)
    providers = current.model.providers_of(route)
    if PROVIDER in verified.params:
        providers = tuple(each for each in providers if each.id == verified.params[PROVIDER])
        if not providers:
            return failures.bad_link("the sign-in link names an identity provider that is not configured any more")
    return Asked(destination, providers, route, demand_of(verified.params))


def _destination(params: Mapping[str, str]) -> Destination | None:
    url = params.get(REDIRECT_URI, "")
    if params.get(PROGRAMMATIC) == "true":
        return Destination(url, program_for=params[PROGRAM_HOST]) if PROGRAM_HOST in params else None
    return Destination(url, params[BINDING]) if BINDING in params else None


async def _go_on(
    services: Services, current: Current, session: Session, destination: Destination, now: datetime
) -> Redirect | Failure:
    """The way on for whoever is signed in: people take a ticket to the route's host, a program gets its credential."""
    if not destination.program_for:
        base, back = served_hosts.base_of(destination.url), {REDIRECT_URI: destination.url}
        binding = destination.binding
        return Redirect(landing_url(services, current, base, back, session_id=session.id, binding=binding, now=now))
    entropy = services.entropy(HANDLE_BYTES)
    issued = issue_handle(session, destination.program_for, current.model.cookie, entropy, now)
    if not await services.store.add_handle(issued.handle):
        return failures.ticket_refused("the session it admits has ended meanwhile")
    return Redirect(with_credential(destination.url, issued.credential))


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
        f"{current.model.authenticate_url}{callback_path(current.model, provider)}",
        state=services.entropy(ATTEMPT_BYTES),
        nonce=services.entropy(ATTEMPT_BYTES),
        verifier=services.entropy(ATTEMPT_BYTES),
        demand=asked.demand,
    )
    try:
        location = await services.provider.authorize(provider, attempt)
    except ProviderUnavailable as error:
        return failures.unavailable(str(error), retry_url=retry_url(asked.destination))
    except NotTrusted as error:
        return failures.refused(SignInRefused(error.reason, str(error)), retry_url=retry_url(asked.destination))
    login = LoginState(attempt, provider.id, asked.destination, now)
    states = LoginStates.of(current.model, current.keys)
    return Redirect(location, states.plant(login, request.cookies, services.entropy(NONCE_BYTES)))
