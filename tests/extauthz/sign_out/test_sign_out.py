from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from extauthz.sign_out import AskFirst, SignedOut
from extauthz.web_request import Failure, FailureKind, Redirect
from tests.extauthz.oidc.fake_provider import ISSUER, discovery, provider
from tests.extauthz.sign_in.world import APP, AUTH, OTHER, SESSION_COOKIE, Browser, World, a_model

SIGN_OUT = f"https://{APP}/.pomerium/sign_out"
SIGNED_OUT = f"https://{AUTH}/.pomerium/signed_out"


async def signed_in(world: World) -> Browser:
    browser = world.browser()
    await browser.sign_in()
    await browser.follow(browser.begin(host=OTHER))
    return browser


async def test_signing_out_ends_the_session_on_all_hosts(world: World) -> None:
    browser = await signed_in(world)
    thief = world.browser()
    thief.jar._cookies = dict(browser.jar._cookies)
    outcome = await browser.visit(SIGN_OUT, headers={"sec-fetch-site": "none"})
    assert isinstance(outcome, Redirect)
    assert outcome.set_cookies == (f"{SESSION_COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",)
    for host in (APP, OTHER, AUTH):
        assert await browser.user(host) is None
        assert await thief.user(host) is None
    assert [change.kind for change in await world.store.changes_since(0)] == ["session_revoked"]


async def test_the_way_out_is_the_providers(world: World) -> None:
    browser = await signed_in(world)
    outcome = await browser.visit(SIGN_OUT, headers={"sec-fetch-site": "same-origin"})
    assert isinstance(outcome, Redirect)
    assert outcome.location.startswith(f"{ISSUER}/logout?")
    query = parse_qs(urlsplit(outcome.location).query)
    assert query["client_id"] == ["ostiary"]
    assert query["post_logout_redirect_uri"] == [SIGNED_OUT]
    assert query["id_token_hint"][0].count(".") == 2
    assert len(query["state"][0]) == 32
    revoked = [parse_qs(request.content.decode())["token"] for request in world.site.asked("/revoke")]
    assert revoked == [["rt"], ["at-alice"]]


async def test_it_ends_on_our_page_and_sweeps_up(world: World) -> None:
    browser = await signed_in(world)
    await browser.visit(SIGN_OUT, headers={"sec-fetch-site": "none"})
    assert isinstance(await browser.visit(f"{SIGNED_OUT}?state=x"), SignedOut)
    assert browser.jar.for_host(AUTH, world.now.timestamp()) == {}
    assert browser.jar.for_host(APP, world.now.timestamp()) == {}


async def test_it_ends_where_the_operator_wants() -> None:
    world = World(a_model(signout_redirect_url="https://www.example.com/bye"))
    browser = await signed_in(world)
    await browser.visit(SIGN_OUT, headers={"sec-fetch-site": "none"})
    outcome = await browser.visit(SIGNED_OUT)
    assert isinstance(outcome, Redirect)
    assert outcome.location == "https://www.example.com/bye"
    await world.close()


async def test_the_page_at_the_end_signs_nobody_out(world: World) -> None:
    browser = await signed_in(world)
    outcome = await browser.visit(SIGNED_OUT, headers={"sec-fetch-site": "cross-site"})
    assert outcome == SignedOut()
    assert await browser.user(AUTH) == "alice"


async def test_without_the_providers_endpoint_it_is_our_page(world: World) -> None:
    world.site.discovery = discovery(end_session_endpoint=None, revocation_endpoint=None)
    browser = await signed_in(world)
    outcome = await browser.visit(SIGN_OUT, headers={"sec-fetch-site": "none"})
    assert isinstance(outcome, Redirect)
    assert outcome.location == SIGNED_OUT
    assert world.site.asked("/revoke") == []


async def test_a_provider_that_is_down_keeps_nobody_signed_in(world: World) -> None:
    browser = await signed_in(world)
    world.site.down = True
    outcome = await browser.visit(SIGN_OUT, headers={"sec-fetch-site": "none"})
    assert isinstance(outcome, Redirect)  # discovery is kept, so its page is still the way
    assert await browser.user() is None


async def test_a_provider_taken_away_is_not_asked(world: World) -> None:
    browser = await signed_in(world)
    world.model = a_model(provider=provider(id="second"))
    outcome = await browser.visit(SIGN_OUT, headers={"sec-fetch-site": "none"})
    assert isinstance(outcome, Redirect)
    assert outcome.location == SIGNED_OUT


async def test_without_a_session_the_way_out_is_the_same(world: World) -> None:
    outcome = await world.browser().visit(SIGN_OUT, headers={"sec-fetch-site": "none"})
    assert isinstance(outcome, Redirect)
    assert outcome.location == SIGNED_OUT
    assert world.site.requests == []


@pytest.mark.parametrize("site", ["cross-site", "", "unknown", None])
async def test_a_get_from_elsewhere_is_asked_first(world: World, site: str | None) -> None:
    browser = await signed_in(world)
    headers = {} if site is None else {"sec-fetch-site": site}
    assert await browser.visit(SIGN_OUT, headers=headers) == AskFirst()
    assert await browser.user() == "alice"


@pytest.mark.parametrize("dest", ["image", "iframe", "script", "style", "video", "nonsense"])
async def test_a_picture_in_a_page_signs_nobody_out(world: World, dest: str) -> None:
    browser = await signed_in(world)
    headers = {"sec-fetch-site": "same-origin", "sec-fetch-dest": dest}
    assert await browser.visit(SIGN_OUT, headers=headers) == AskFirst()
    assert await browser.user() == "alice"


async def test_a_get_on_the_authenticate_host_is_asked_first(world: World) -> None:
    browser = await signed_in(world)
    assert await browser.visit(f"https://{AUTH}/.pomerium/sign_out", headers={"sec-fetch-site": "none"}) == AskFirst()
    assert await browser.user() == "alice"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": f"https://{APP}"},
        {"origin": f"https://{OTHER}:8443", "sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
    ],
)
async def test_a_post_from_our_own_pages_acts(world: World, headers: dict[str, str]) -> None:
    browser = await signed_in(world)
    assert isinstance(await browser.visit(SIGN_OUT, method="POST", headers=headers), Redirect)
    assert await browser.user() is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": f"https://{APP}.evil.example"},
        {"origin": f"http://{APP}"},
        {"origin": f"https://{APP}", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
async def test_a_post_from_elsewhere_is_refused(world: World, headers: dict[str, str]) -> None:
    browser = await signed_in(world)
    outcome = await browser.visit(SIGN_OUT, method="POST", headers=headers)
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.status) == (FailureKind.CROSS_SITE, 403)
    assert await browser.user() == "alice"


async def test_a_domain_cookie_is_deleted_as_it_was_set() -> None:
    settings = replace(a_model().cookie, name="__Secure-_pomerium", domain="example.com")
    world = World(a_model(cookie=settings))
    browser = await signed_in(world)
    assert await browser.user(OTHER) == "alice"
    await browser.visit(SIGN_OUT, headers={"sec-fetch-site": "none"})
    assert browser.jar.live(world.now.timestamp()) == []
    await world.close()
