"""One login for several hosts: those that a route `depends_on`, its companions, get their cookies on the way back.

    first host          companion 1          companion 2
    ──────────          ───────────          ───────────
    land ─────────────▶ join ──────────────▶ join            each keeps a binding of its own in the browser
    join ◀─────────────────────────────────────┘
     └──── ticket ────▶ land ──── ticket ──▶ land
    what was asked for ◀───────────────────────┘

A companion takes a ticket like any host: once, within a minute, from the browser that holds its binding. So bindings
come first, and then the first host vouches: the first ticket is for the browser whose cookie opens the very session
that the way began with, and for no other. Links carry where the person wanted to go, that session's public id and the
bindings' hashes, signed; which hosts the way leads over says the configuration alone, at every step. It ends after two
visits to each companion and one to the first host.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from access_model.model import AccessModel
from access_model.routing import find_route
from extauthz import served_hosts
from extauthz.binding import SECRET_BYTES, Bindings
from extauthz.sealed_text import NONCE_BYTES
from extauthz.services import Current, Services
from extauthz.sign_in import failures
from extauthz.sign_in.landing_link import landing_url
from extauthz.sign_in.own_session import own_session
from extauthz.sign_in_link import REDIRECT_URI
from extauthz.signed_url import SignatureRefused, sign, verify
from extauthz.web_request import Failure, Redirect, WebRequest

JOIN_PATH = "/.pomerium/join"
SESSION = "pomerium_session"
BINDINGS = "pomerium_bindings"
_BETWEEN = "."


@dataclass(frozen=True, slots=True)
class Way:
    """How far a login for several hosts has come."""

    return_to: str
    """Where the person wanted to go: a URL of the first host."""
    session_id: str
    """Public id of the session that the companions are to have, too."""
    bindings: tuple[str, ...] = ()
    """Hashes of the bindings that the companions hold, those of the first companions first."""

    def params(self) -> dict[str, str]:
        """The way as parameters of a link."""
        return {REDIRECT_URI: self.return_to, SESSION: self.session_id, BINDINGS: _BETWEEN.join(self.bindings)}

    def hosts(self, model: AccessModel) -> tuple[str, ...]:
        """The folded hosts of the companions, in order."""
        first = served_hosts.host_of(self.return_to)
        route = find_route(model, first, urlsplit(self.return_to).path)
        named = (each.partition(":")[0] for each in route.depends_on) if route else ()
        return tuple(host for host in named if host != first)


def way_in(model: AccessModel, params: Mapping[str, str]) -> Way | None:
    """The way that a verified link is about; None when it is about none, or leads back to no host of ours."""
    url = served_hosts.return_target(model, params.get(REDIRECT_URI, ""))
    if url is None or SESSION not in params or BINDINGS not in params:
        return None
    return Way(url, params[SESSION], tuple(filter(None, params[BINDINGS].split(_BETWEEN))))


async def join(services: Services, current: Current, request: WebRequest) -> Redirect | Failure:
    """Answer `/.pomerium/join`: a companion keeps a binding, the first host vouches."""
    now = services.clock()
    verified = verify(request.url, current.keys.internal_url, now)
    if isinstance(verified, SignatureRefused):
        return failures.bad_link(f"the link to a further host is refused: {verified.reason}")
    way = way_in(current.model, verified.params)
    if way is None or request.host != _next_to_join(current.model, way):
        return failures.bad_target("the link to a further host is for another one than the configuration names")
    if request.host == served_hosts.host_of(way.return_to):
        return await _vouch(services, current, request, way, now)
    bindings = Bindings.of(request.host, current.keys.sign_in_binding, current.model.cookie)
    secret, nonce = services.entropy(SECRET_BYTES), services.entropy(NONCE_BYTES)
    name, set_cookies = bindings.plant(secret, request.cookies, nonce, now)
    return Redirect(_join_url(current, replace(way, bindings=(*way.bindings, name)), now), set_cookies)


def onward(services: Services, current: Current, host: str, way: Way, now: datetime) -> str:
    """Where a browser goes that has just landed on a host: to the next companion, or at last to what it asked for."""
    hosts = way.hosts(current.model)
    if not hosts:
        return way.return_to
    if host == served_hosts.host_of(way.return_to):
        return _join_url(current, replace(way, bindings=()), now)
    following = hosts.index(host) + 1
    if following == len(hosts) or len(way.bindings) != len(hosts):
        return way.return_to
    return _ticket_url(services, current, way, following, now)


async def _vouch(
    services: Services, current: Current, request: WebRequest, way: Way, now: datetime
) -> Redirect | Failure:
    known = await own_session(services, current, request, now)
    if known is None or known.session.id != way.session_id:
        return failures.browser_changed(way.return_to)
    return Redirect(_ticket_url(services, current, way, 0, now))


def _next_to_join(model: AccessModel, way: Way) -> str:
    """The host that is to come next: a companion without a binding, or in the end the first host."""
    hosts, held = way.hosts(model), len(way.bindings)
    if not hosts or held > len(hosts):
        return ""
    return hosts[held] if held < len(hosts) else served_hosts.host_of(way.return_to)


def _join_url(current: Current, way: Way, now: datetime) -> str:
    host, first = _next_to_join(current.model, way), served_hosts.host_of(way.return_to)
    base = served_hosts.base_of(way.return_to) if host == first else served_hosts.base_urls(current.model, host)[0]
    return sign(f"{base}{JOIN_PATH}?{urlencode(way.params())}", current.keys.internal_url, now)


def _ticket_url(services: Services, current: Current, way: Way, number: int, now: datetime) -> str:
    host = way.hosts(current.model)[number]
    base = served_hosts.base_urls(current.model, host)[0]
    return landing_url(
        services, current, base, way.params(), session_id=way.session_id, binding=way.bindings[number], now=now
    )
