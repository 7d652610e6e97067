"""The route host's callback: a ticket becomes a cookie, and the browser is where it wanted to be."""

from dataclasses import dataclass
from datetime import datetime

from extauthz import served_hosts
from extauthz.binding import Bindings
from extauthz.services import Current, Services
from extauthz.session_cookie import HANDLE_BYTES, issue_handle
from extauthz.sign_in import failures
from extauthz.sign_in.companions import Way, onward, way_in
from extauthz.sign_in.landing_link import TICKET
from extauthz.sign_in.own_session import is_ambiguous, own_session, same_user
from extauthz.sign_in_link import REDIRECT_URI
from extauthz.signed_url import SignatureRefused, verify
from extauthz.ticket import Ticket, open_ticket
from extauthz.web_request import Failure, Redirect, WebRequest
from session_store.records import KnownSession

TICKET_USED = "sign-in ticket"


@dataclass(frozen=True, slots=True)
class Landing:
    """What a verified landing URL brings."""

    ticket: str
    """The sealed ticket."""
    return_to: str
    """Where the person wanted to go: on this very host, or on the one whose companion it is."""
    bindings: tuple[str, ...] = ()
    """On a companion, the bindings of all of them."""


async def land(services: Services, current: Current, request: WebRequest) -> Redirect | Failure:
    """Answer `/.pomerium/callback/` of a route's host."""
    now = services.clock()
    landing = _landing(current, request, now)
    if isinstance(landing, Failure):
        return landing
    if is_ambiguous(current, request):
        return failures.cookies_ambiguous(current.model.cookie.name, landing.return_to)
    before = await own_session(services, current, request, now)
    ticket = open_ticket(landing.ticket, request.host, current.keys.sign_in_ticket, now)
    if ticket is None:
        return failures.ticket_refused("the ticket does not open here, or is older than a minute", landing.return_to)
    bindings = Bindings.of(request.host, current.keys.sign_in_binding, current.model.cookie)
    if not bindings.holds(ticket.binding, request.cookies, now):
        return _reloaded(before, ticket, landing) or failures.browser_changed(landing.return_to)
    if not await services.store.claim_once(TICKET_USED, ticket.id, ticket.expires, now):
        return _reloaded(before, ticket, landing) or failures.ticket_refused("it was used before", landing.return_to)
    return await _admit(services, current, request, ticket=ticket, landing=landing, before=before)


def _landing(current: Current, request: WebRequest, now: datetime) -> Landing | Failure:
    verified = verify(request.url, current.keys.internal_url, now)
    if isinstance(verified, SignatureRefused):
        return failures.bad_link(f"the landing link is refused: {verified.reason}")
    target = served_hosts.return_target(current.model, verified.params.get(REDIRECT_URI, ""))
    way = way_in(current.model, verified.params)
    wanted = way.hosts(current.model) if way else [served_hosts.host_of(target)] if target else []
    if target is None or request.host not in wanted or TICKET not in verified.params:
        return failures.bad_target("the landing link leads to another host than the one it was made for")
    return Landing(verified.params[TICKET], target, way.bindings if way else ())


def _reloaded(before: KnownSession | None, ticket: Ticket, landing: Landing) -> Redirect | None:
    """The way on for whoever has landed with this very session already and asks again."""
    return Redirect(landing.return_to) if before and before.session.id == ticket.session_id else None


async def _admit(
    services: Services,
    current: Current,
    request: WebRequest,
    *,
    ticket: Ticket,
    landing: Landing,
    before: KnownSession | None,
) -> Redirect | Failure:
    now = services.clock()
    known = await services.store.find_session(ticket.session_id, now)
    settings = current.model.cookie
    if known is None:
        return failures.ticket_refused("the session it admits has ended meanwhile", landing.return_to)
    issued = issue_handle(known.session, request.host, settings, services.entropy(HANDLE_BYTES), now)
    if not await services.store.add_handle(issued.handle):
        return failures.ticket_refused("the session it admits has ended meanwhile", landing.return_to)
    if before is not None and not same_user(before.session, known.session):
        await services.store.end_session(before.session.id, now)
    bindings = Bindings.of(request.host, current.keys.sign_in_binding, settings)
    way = Way(landing.return_to, known.session.id, landing.bindings)
    location = onward(services, current, request.host, way, now)
    return Redirect(location, (issued.set_cookie, bindings.delete(ticket.binding)))
