import itertools
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest

from access_model.facts import RequestFacts
from extauthz.binding import Bindings
from extauthz.cookies import parse_cookie_header
from extauthz.services import Current
from extauthz.sign_in_link import HostNotServed, begin_sign_in
from extauthz.signed_url import Verified, verify
from extauthz.web_request import Redirect
from tests.extauthz.sign_in.world import APP, KEYS, NOW, RING, a_model

CURRENT = Current(a_model(), RING, KEYS)


def begin(host: str = APP, raw_path: str = "/a%20b", query: str = "x=1", cookie: str | None = None) -> Redirect:
    counter = itertools.count()
    facts = RequestFacts(
        method="GET",
        scheme="https",
        host=host,
        authority=f"{host}:9999",
        path="/a b",
        raw_path=raw_path,
        query=query,
        headers={"cookie": (cookie,)} if cookie else {},
    )
    return begin_sign_in(CURRENT, facts, lambda size: sha256(str(next(counter)).encode()).digest()[:size], NOW)


def test_the_link_is_signed_and_says_where_to_return() -> None:
    answer = verify(begin().location, KEYS.internal_url, NOW)
    assert isinstance(answer, Verified)
    assert set(answer.params) == {"pomerium_redirect_uri", "pomerium_idp_id", "pomerium_binding"}
    assert answer.params["pomerium_redirect_uri"] == "https://app.example.com/a%20b?x=1"
    assert answer.params["pomerium_idp_id"] == "main"


def test_the_port_comes_from_the_configuration_and_not_from_the_request() -> None:
    assert "9999" not in parse_qs(urlsplit(begin().location).query)["pomerium_redirect_uri"][0]


def test_the_cookie_holds_what_the_link_names() -> None:
    sent = begin()
    binding = parse_qs(urlsplit(sent.location).query)["pomerium_binding"][0]
    (line,) = sent.set_cookies
    assert line.startswith(f"__Host-pomerium_binding_{binding}=")
    assert line.endswith("; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax")
    cookies = parse_cookie_header([line.partition(";")[0]])
    assert Bindings.of(APP, KEYS.sign_in_binding, CURRENT.model.cookie).holds(binding, cookies, NOW)
    assert not Bindings.of("other.example.com", KEYS.sign_in_binding, CURRENT.model.cookie).holds(binding, cookies, NOW)
    assert not Bindings.of(APP, KEYS.login_state, CURRENT.model.cookie).holds(binding, cookies, NOW)
    renamed = ((f"__Host-pomerium_binding_{'x' * 43}", cookies[0][1]),)
    assert not Bindings.of(APP, KEYS.sign_in_binding, CURRENT.model.cookie).holds("x" * 43, renamed, NOW)


def test_the_link_stays_short() -> None:
    sent = begin(raw_path="/" + "%41" * 5000)
    answer = verify(sent.location, KEYS.internal_url, NOW)
    assert isinstance(answer, Verified)
    assert answer.params["pomerium_redirect_uri"] == "https://app.example.com/"
    assert len(begin(raw_path="/" + "%" * 1900).location) < 8192


def test_many_cookies_of_a_stranger_cost_little() -> None:
    junk = "; ".join(f"__Host-pomerium_binding_{number:043d}=x" for number in range(200))
    assert len(begin(cookie=junk).set_cookies) == 25


def test_nobody_signs_in_where_nothing_is_served() -> None:
    with pytest.raises(HostNotServed, match="no route answers"):
        begin(host="evil.example")
