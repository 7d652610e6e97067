"""The authenticate host's callback: the provider's answer becomes a session, once, in the browser that asked."""

import uuid
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from extauthz.attempt_cookies import LIFETIME
from extauthz.device import device_of
from extauthz.oidc.claims import beyond
from extauthz.oidc.errors import ProviderUnavailable
from extauthz.oidc.finish import SignInRefused
from extauthz.oidc.signed_in import SignedIn
from extauthz.refresh.due import renewal_of
from extauthz.services import Current, Services
from extauthz.session_cookie import HANDLE_BYTES, issue_handle
from extauthz.sign_in import failures
from extauthz.sign_in.destinations import is_allowed, retry_url
from extauthz.sign_in.login_state import LoginState, LoginStates
from extauthz.sign_in.own_session import own_session, same_user
from extauthz.sign_in_link import sign_in_url
from extauthz.step_up import shortfall
from extauthz.web_request import Failure, Redirect, WebRequest
from session_store.records import KnownSession, Session

STATE_USED = "sign-in state"
ID_BYTES = 16


async def finish(services: Services, current: Current, request: WebRequest) -> Redirect | Failure:
    """Answer `/oauth2/callback` of the authenticate host, GET or POST (`response_mode=form_post`)."""
    now = services.clock()
    states = LoginStates.of(current.model, current.keys)
    login = _login(states, request, now)
    if login is None:
        return failures.state_missing()
    if request.path != urlsplit(login.attempt.redirect_uri).path:
        return failures.other_callback()
    if not is_allowed(current.model, login.destination):
        return failures.bad_target("the sign-in leads back to a host that is not served any more")
    if not await services.store.claim_once(STATE_USED, login.attempt.state, now + LIFETIME, now):
        return await _used(services, current, request, login, now)
    forget = (states.delete(login.attempt.state),)
    signed_in = await _ask_provider(services, current, request, login, forget)
    if isinstance(signed_in, Failure):
        return signed_in
    return await _write_session(services, current, request, login=login, signed_in=signed_in, forget=forget)


def _login(states: LoginStates, request: WebRequest, now: datetime) -> LoginState | None:
    """The sign-in that this answer belongs to; None unless there is exactly one `state`, and it is this browser's."""
    values = [value for name, value in request.params if name == "state"]
    return states.open(values[0], request.cookies, now) if len(values) == 1 else None


async def _used(
    services: Services, current: Current, request: WebRequest, login: LoginState, now: datetime
) -> Redirect | Failure:
    """The same answer again: whoever pressed a button twice is signed in by the other request."""
    known = await own_session(services, current, request, now)
    again = retry_url(login.destination)
    return Redirect(again) if known is not None and again is not None else failures.state_used(again)


async def _ask_provider(
    services: Services, current: Current, request: WebRequest, login: LoginState, forget: tuple[str, ...]
) -> SignedIn | Failure:
    provider, again = current.model.provider_by_id(login.provider_id), retry_url(login.destination)
    if provider is None:
        return failures.configuration_changed(again)
    try:
        outcome = await services.provider.finish_sign_in(provider, login.attempt, request.params)
    except ProviderUnavailable as error:
        return failures.unavailable(str(error), again, forget)
    if isinstance(outcome, SignInRefused):
        return failures.refused(outcome, again, forget)
    return outcome


async def _write_session(
    services: Services,
    current: Current,
    request: WebRequest,
    *,
    login: LoginState,
    signed_in: SignedIn,
    forget: tuple[str, ...],
) -> Redirect | Failure:
    now = services.clock()  # the provider took its time
    session = replace(
        _session(current, login, signed_in, services.entropy(ID_BYTES), now),
        device=device_of(request.header("user-agent") or ""),
        address=request.client_address,
    )
    before = await own_session(services, current, request, now)
    if login.attempt.demand is not None:
        earlier = before.session.claims if before else None
        if lacking := shortfall(login.attempt.demand, signed_in.claims, earlier, now):
            return failures.not_stepped_up(lacking, retry_url(login.destination), forget)
    kept = _parallel_session(before, session, login)
    host, settings = current.model.authenticate.host, current.model.cookie
    issued = issue_handle(kept or session, host, settings, services.entropy(HANDLE_BYTES), now)
    if kept is None or not await services.store.add_handle(issued.handle):
        issued = issue_handle(session, host, settings, services.entropy(HANDLE_BYTES), now)
        await services.store.save_sign_in(session, signed_in.user, issued.handle)
        if before is not None:
            await services.store.end_session(before.session.id, now)
    location = sign_in_url(current, login.destination, now, login.provider_id)
    return Redirect(location, (issued.set_cookie, *forget))


def _parallel_session(before: KnownSession | None, new: Session, login: LoginState) -> Session | None:
    """The session to go on with where another tab of this browser signed the same person in meanwhile.

    Every other session that the browser came with is replaced: it may be somebody else's, have been planted, or prove
    too little.
    """
    if before is None or login.attempt.demand is not None:
        return None
    if not same_user(before.session, new) or before.session.created < login.began:
        return None
    return before.session


def _session(current: Current, login: LoginState, signed_in: SignedIn, entropy: bytes, now: datetime) -> Session:
    return Session(
        id=str(uuid.UUID(bytes=entropy, version=4)),
        user_id=signed_in.subject,
        issuer=signed_in.issuer,
        provider_id=login.provider_id,
        created=now,
        last_seen=now,
        expires=now + current.model.cookie.expire,
        idle_end=None if current.model.idle_timeout is None else now + current.model.idle_timeout,
        renewal=renewal_of(signed_in.tokens, signed_in.claims, now),
        claims=beyond(signed_in.profile, signed_in.claims),
        provider_session=signed_in.provider_session,
        tokens=signed_in.tokens,
    )
