"""One login for several hosts: what a route depends on is open when its page is shown, and nobody else is let in."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from extauthz.signed_url import sign
from extauthz.web_request import Failure, FailureKind, Redirect
from tests.extauthz.sign_in.world import (
    APP,
    AUTH,
    KEYS,
    OTHER,
    Browser,
    Outcome,
    World,
    a_model,
    a_route,
    answer,
)

WILD = "api.wild.example.com"
MOST_REDIRECTS = 20
"""What browsers follow in a row."""
END = "https://app.example.com/page?x=1"


def a_world(*companions: str) -> World:
    model = a_model()
    first, *others = model.routes
    return World(replace(model, routes=(replace(first, depends_on=companions), *others)))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = a_world(f"{OTHER}:8443", WILD)
    yield world
    await world.close()


async def steps(browser: Browser, user: str = "alice") -> list[str]:
    """Sign in on the first host; every address that the browser was sent to behind the provider, the last unvisited."""
    visited = [answer(await browser.to_provider("/page?x=1"), user)]
    while "/.pomerium/" in visited[-1] or "/oauth2/" in visited[-1]:
        visited.append(led_to(await browser.visit(visited[-1])))
    return visited


async def up_to(browser: Browser, path: str, host: str, user: str = "alice") -> str:
    """Sign in as far as an address, which is not visited."""
    url = answer(await browser.to_provider("/page?x=1"), user)
    while (urlsplit(url).path, urlsplit(url).hostname) != (path, host):
        url = led_to(await browser.visit(url))
    return url


def led_to(outcome: Outcome) -> str:
    assert isinstance(outcome, Redirect), outcome
    return outcome.location


def failed(outcome: Outcome) -> FailureKind:
    assert isinstance(outcome, Failure), outcome
    return outcome.kind


def places(urls: Iterable[str]) -> list[tuple[str | None, str]]:
    return [(urlsplit(url).hostname, urlsplit(url).path) for url in urls]


def altered(url: str, **changes: str) -> str:
    """A link of ours with other parameters, signed anew: what only somebody with our key could make."""
    params = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) | changes
    for name in ("pomerium_issued", "pomerium_expiry", "pomerium_signature"):
        del params[name]
    return sign(f"{url.partition('?')[0]}?{urlencode(params)}", KEYS.internal_url, World().now)


async def test_one_login_opens_every_host(world: World) -> None:
    browser = world.browser()
    visited = await steps(browser)
    assert visited[-1] == END
    assert places(visited[3:]) == [
        (OTHER, "/.pomerium/join"),
        (WILD, "/.pomerium/join"),
        (APP, "/.pomerium/join"),
        (OTHER, "/.pomerium/callback/"),
        (WILD, "/.pomerium/callback/"),
        (APP, "/page"),
    ]
    sessions = [await browser.session(host) for host in (APP, OTHER, WILD)]
    assert len({known.session.id for known in sessions if known}) == 1
    assert None not in sessions


async def test_nothing_of_the_way_remains_in_the_browser(world: World) -> None:
    browser = world.browser()
    await steps(browser)
    assert [browser.names(host, "binding") for host in (APP, OTHER, WILD, AUTH)] == [[], [], [], []]


async def test_a_login_elsewhere_goes_nowhere_else(world: World) -> None:
    browser = world.browser()
    await browser.sign_in(host=OTHER)
    assert await browser.user(APP) is None
    assert await browser.user(WILD) is None


async def test_five_companions_stay_within_what_browsers_follow() -> None:
    world = a_world(f"{OTHER}:8443", *(f"{name}.wild.example.com" for name in "abcd"))
    browser = world.browser()
    visited = await steps(browser)
    assert visited[-1] == END
    to_the_provider = 2
    assert to_the_provider + len(visited) <= MOST_REDIRECTS
    assert await browser.user("d.wild.example.com") == "alice"
    await world.close()


async def test_a_host_is_no_companion_of_itself() -> None:
    """A route on a wildcard may name one of the hosts that it is."""
    model = a_model()
    routes = (replace(a_route("https", "*.wild.example.com", 443), depends_on=(WILD, f"{OTHER}:8443")),)
    world = World(replace(model, routes=(*routes, *model.routes[:2])))
    browser = world.browser()
    assert led_to(await browser.sign_in(target="/x", host=WILD)) == f"https://{WILD}/x"
    assert await browser.user(OTHER) == "alice"
    await world.close()


async def test_a_ticket_for_a_companion_is_good_in_the_browser_that_began_alone(world: World) -> None:
    """A stranger's login cannot be planted on a companion (RFC 9700 section 4.7)."""
    url = await up_to(world.browser(), "/.pomerium/callback/", OTHER, "mallory")
    victim = world.browser()
    await victim.visit(await up_to(world.browser(), "/.pomerium/join", OTHER))
    assert victim.names(OTHER, "binding"), "the victim holds a binding, of another login"
    assert failed(await victim.visit(url)) is FailureKind.BROWSER_CHANGED
    assert await victim.user(OTHER) is None


async def test_no_ticket_for_a_session_that_the_browser_does_not_hold(world: World) -> None:
    """Whoever follows somebody else's way is admitted nowhere, and nobody to their session."""
    mallory, alice = world.browser(), world.browser()
    await alice.sign_in()
    vouch = await up_to(mallory, "/.pomerium/join", APP, "mallory")
    assert failed(await alice.visit(vouch)) is FailureKind.BROWSER_CHANGED
    assert failed(await world.browser().visit(vouch)) is FailureKind.BROWSER_CHANGED
    assert await alice.user(APP) == "alice"


async def test_a_ticket_is_good_once(world: World) -> None:
    browser = world.browser()
    url = await up_to(browser, "/.pomerium/callback/", OTHER)
    kept = browser.jar.header(f"https://{OTHER}/", world.now.timestamp())
    assert kept is not None
    await browser.visit(url)
    again = world.browser()
    again.jar.store(
        f"https://{OTHER}/", [f"{each}; Path=/; Secure" for each in kept.split("; ")], world.now.timestamp()
    )
    assert failed(await again.visit(url)) is FailureKind.TICKET_REFUSED


async def test_a_stale_ticket_is_refused_and_the_first_host_stays_open(world: World) -> None:
    browser = world.browser()
    url = await up_to(browser, "/.pomerium/callback/", OTHER)
    world.now += timedelta(seconds=61)
    outcome = await browser.visit(url)
    assert failed(outcome) is FailureKind.TICKET_REFUSED
    assert isinstance(outcome, Failure)
    assert outcome.retry_url == END
    assert (await browser.user(APP), await browser.user(OTHER)) == ("alice", None)


async def test_a_session_that_ended_on_the_way_opens_nothing(world: World) -> None:
    browser = world.browser()
    url = await up_to(browser, "/.pomerium/callback/", OTHER)
    known = await browser.session(APP)
    assert known is not None
    await world.store.end_session(known.session.id, world.now)
    assert failed(await browser.visit(url)) is FailureKind.TICKET_REFUSED
    assert await browser.user(OTHER) is None


async def test_a_reloaded_landing_leads_to_what_was_asked_for(world: World) -> None:
    browser = world.browser()
    url = await up_to(browser, "/.pomerium/callback/", WILD)
    await browser.visit(url)
    assert led_to(await browser.visit(url)) == END


@pytest.mark.parametrize(("path", "host"), [("/.pomerium/join", OTHER), ("/.pomerium/join", APP)])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pomerium_session=", "pomerium_session=x"),
        ("pomerium_bindings=", "pomerium_bindings=x"),
        ("app.example.com%2Fpage", "evil.example.com%2Fpage"),
        ("pomerium_signature=", "pomerium_signature=A"),
        ("/join?", "/join?&"),
    ],
)
async def test_an_altered_link_is_refused(world: World, path: str, host: str, old: str, new: str) -> None:
    browser = world.browser()
    outcome = await browser.visit((await up_to(browser, path, host)).replace(old, new, 1))
    assert failed(outcome) is FailureKind.BAD_LINK


async def test_an_old_link_is_refused(world: World) -> None:
    browser = world.browser()
    url = await up_to(browser, "/.pomerium/join", OTHER)
    world.now += timedelta(minutes=6)
    assert failed(await browser.visit(url)) is FailureKind.BAD_LINK


@pytest.mark.parametrize(
    "changes",
    [
        {"pomerium_bindings": "a.b.c"},
        {"pomerium_bindings": "a"},
        {"pomerium_redirect_uri": "https://evil.example.com/"},
        {"pomerium_redirect_uri": "https://other.example.com:8443/"},
        {"pomerium_redirect_uri": ""},
    ],
    ids=["too many bindings", "another companion's turn", "a stranger", "a host without companions", "nowhere"],
)
async def test_a_way_that_the_configuration_does_not_know_is_refused(world: World, changes: dict[str, str]) -> None:
    browser = world.browser()
    url = altered(await up_to(browser, "/.pomerium/join", OTHER), **changes)
    assert failed(await browser.visit(url)) is FailureKind.BAD_TARGET


async def test_a_landing_on_a_host_that_is_no_companion_any_more_is_refused(world: World) -> None:
    browser = world.browser()
    url = await up_to(browser, "/.pomerium/callback/", OTHER)
    first, *others = world.model.routes
    world.model = replace(world.model, routes=(replace(first, depends_on=(WILD,)), *others))
    assert failed(await browser.visit(url)) is FailureKind.BAD_TARGET


async def test_who_keeps_no_cookies_learns_so_and_does_not_go_round(world: World) -> None:
    browser = world.browser()
    url = await up_to(browser, "/.pomerium/callback/", OTHER)
    browser.jar.clear()
    assert failed(await browser.visit(url)) is FailureKind.BROWSER_CHANGED
