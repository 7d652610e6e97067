"""How a sign-in begins: on the host the person asked for, with a link to the authenticate host."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from access_model.facts import RequestFacts
from access_model.policy import StepUp
from access_model.routing import find_route
from extauthz import served_hosts
from extauthz.binding import SECRET_BYTES, Bindings
from extauthz.cookies import Pairs, parse_cookie_header
from extauthz.sealed_text import NONCE_BYTES
from extauthz.services import Current
from extauthz.signed_url import sign
from extauthz.step_up import parameters
from extauthz.web_request import Redirect

SIGN_IN_PATH = "/.pomerium/sign_in"

REDIRECT_URI = "pomerium_redirect_uri"
PROVIDER = "pomerium_idp_id"
BINDING = "pomerium_binding"
PROGRAMMATIC = "pomerium_is_programmatic"
PROGRAM_HOST = "pomerium_program_host"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a sign-in leads."""

    url: str
    """A URL of a served host; for a program, one that it listens on."""
    binding: str = ""
    """Hash of the binding that the browser holds on that host; empty for a program."""
    program_for: str = ""
    """Folded host that a program gets its credential for; empty for people."""


@dataclass(frozen=True, slots=True)
class StepUpLink:
    """What a link says about a sign-in that has to prove more than the one before."""

    demand: StepUp
    """What it has to prove."""
    provider_id: str = ""
    """The provider that the person came from, where it is configured."""


class HostNotServed(ValueError):
    """A sign-in was to begin on a host that no route and no service of ours answers on."""

    code = "host-not-served"


def begin_sign_in(
    current: Current,
    facts: RequestFacts,
    entropy: Callable[[int], bytes],
    now: datetime,
    step_up: StepUpLink | None = None,
) -> Redirect:
    """Send the browser to sign in, and back to what it asked for. Raises `HostNotServed`.

    The method is not kept: a form that was posted has to be sent again. Neither is a URL of more than
    `served_hosts.MAX_TARGET` characters: the sign-in ends at `/`.
    """
    cookies = parse_cookie_header(facts.headers.get("cookie", ()))
    return begin_sign_in_at(
        current, facts.host, facts.target, cookies=cookies, entropy=entropy, now=now, step_up=step_up
    )


def begin_sign_in_at(
    current: Current,
    host: str,
    target: str,
    *,
    cookies: Pairs,
    entropy: Callable[[int], bytes],
    now: datetime,
    step_up: StepUpLink | None = None,
) -> Redirect:
    """The same for a path with query on a folded host. Raises `HostNotServed`."""
    url = served_hosts.target_at(current.model, host, target)
    if url is None:
        raise HostNotServed(f"no route answers on `{host}`, so nobody can sign in there")
    bindings = Bindings.of(host, current.keys.sign_in_binding, current.model.cookie)
    binding, set_cookies = bindings.plant(entropy(SECRET_BYTES), cookies, entropy(NONCE_BYTES), now)
    takes = current.model.providers_of(find_route(current.model, host, urlsplit(url).path))
    provider_id = takes[0].id if len(takes) == 1 else step_up.provider_id if step_up else ""
    demand = step_up.demand if step_up else None
    return Redirect(sign_in_url(current, Destination(url, binding), now, provider_id, demand), set_cookies)


def sign_in_url(
    current: Current, destination: Destination, now: datetime, provider_id: str = "", demand: StepUp | None = None
) -> str:
    """The signed link to the authenticate host; without a provider, people choose there. One with a demand leads to the
    provider, whoever is signed in."""
    if destination.program_for:
        params = {REDIRECT_URI: destination.url, PROGRAMMATIC: "true", PROGRAM_HOST: destination.program_for}
    else:
        params = {REDIRECT_URI: destination.url, BINDING: destination.binding}
    params |= {PROVIDER: provider_id} if provider_id else {}
    params |= parameters(demand) if demand else {}
    url = f"{current.model.authenticate_url}{SIGN_IN_PATH}?{urlencode(params)}"
    return sign(url, current.keys.internal_url, now)
