"""How a sign-in begins: on the host the person asked for, with a link to the authenticate host."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from access_model.facts import RequestFacts
from extauthz import served_hosts
from extauthz.binding import SECRET_BYTES, Bindings
from extauthz.cookies import Pairs, parse_cookie_header
from extauthz.sealed_text import NONCE_BYTES
from extauthz.services import Current
from extauthz.signed_url import sign
from extauthz.web_request import Redirect

SIGN_IN_PATH = "/.pomerium/sign_in"

REDIRECT_URI = "pomerium_redirect_uri"
PROVIDER = "pomerium_idp_id"
BINDING = "pomerium_binding"


class HostNotServed(ValueError):
    """A sign-in was to begin on a host that no route and no service of ours answers on."""

    code = "host-not-served"


def begin_sign_in(current: Current, facts: RequestFacts, entropy: Callable[[int], bytes], now: datetime) -> Redirect:
    """Send the browser to sign in, and back to what it asked for. Raises `HostNotServed`.

    The method is not kept: a form that was posted has to be sent again. Neither is a URL of more than
    `served_hosts.MAX_TARGET` characters: the sign-in ends at `/`.
    """
    cookies = parse_cookie_header(facts.headers.get("cookie", ()))
    return begin_sign_in_at(current, facts.host, facts.target, cookies=cookies, entropy=entropy, now=now)


def begin_sign_in_at(
    current: Current, host: str, target: str, *, cookies: Pairs, entropy: Callable[[int], bytes], now: datetime
) -> Redirect:
    """The same for a path with query on a folded host. Raises `HostNotServed`."""
    url = served_hosts.target_at(current.model, host, target)
    if url is None:
        raise HostNotServed(f"no route answers on `{host}`, so nobody can sign in there")
    bindings = Bindings.of(host, current.keys.sign_in_binding, current.model.cookie)
    binding, set_cookies = bindings.plant(entropy(SECRET_BYTES), cookies, entropy(NONCE_BYTES), now)
    return Redirect(sign_in_url(current, url, binding, now), set_cookies)


def sign_in_url(current: Current, return_to: str, binding: str, now: datetime) -> str:
    """The signed link to the authenticate host; `return_to` has passed `served_hosts.return_target`."""
    provider = current.model.provider
    params = {REDIRECT_URI: return_to, BINDING: binding} | ({PROVIDER: provider.id} if provider else {})
    url = f"{current.model.authenticate_url}{SIGN_IN_PATH}?{urlencode(params)}"
    return sign(url, current.keys.internal_url, now)
