"""The way of a browser through the two hosts, and what happens to those who leave it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from extauthz.signed_url import sign
from extauthz.web_request import Failure, FailureKind, Redirect
from session_store.repository import StoreUnavailable
from tests.extauthz.oidc.fake_provider import ISSUER, discovery, provider
from tests.extauthz.sign_in.world import (
    APP,
    AUTH,
    KEYS,
    OTHER,
    SESSION_COOKIE,
    Browser,
    Outcome,
    World,
    a_model,
    answer,
    authorization,
    cookie_settings,
    good_params,
)


def failed(outcome: Outcome) -> FailureKind:
    assert isinstance(outcome, Failure), outcome
    return outcome.kind


def led_to(outcome: Outcome) -> str:
    assert isinstance(outcome, Redirect), outcome
    return outcome.location


async def landing(browser: Browser, host: str = APP, user: str = "alice") -> str:
    """Sign in as far as the landing URL, which is not visited."""
    sign_in = led_to(await browser.visit(answer(await browser.to_provider(host=host), user)))
    return led_to(await browser.visit(sign_in))


# The way


async def test_a_sign_in_ends_where_it_was_wanted(world: World) -> None:
    browser = world.browser()
    assert led_to(await browser.sign_in(target="/report?year=2026&x=%2F")) == (
        "https://app.example.com/report?year=2026&x=%2F"
    )
    known = await browser.session()
    assert known is not None
    assert (known.user.id, known.user.email, known.session.provider_id) == ("alice", "alice@example.com", "main")
    assert known.session.expires == world.now + timedelta(hours=14)


async def test_nothing_of_the_attempt_remains_in_the_browser(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    assert [cookie.name for cookie in browser.jar.live(world.now.timestamp())] == [SESSION_COOKIE, SESSION_COOKIE]


async def test_one_login_opens_the_next_host_without_the_provider(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    asked = len(world.site.requests)
    assert led_to(await browser.follow(browser.begin("/x", OTHER))) == "https://other.example.com:8443/x"
    assert await browser.user(OTHER) == "alice"
    assert len(world.site.requests) == asked
    first, second = await browser.session(APP), await browser.session(OTHER)
    assert first is not None
    assert second is not None
    assert first.session.id == second.session.id


async def test_a_cookie_opens_its_own_host_alone(world: World) -> None:
    browser = world.browser()
    await browser.sign_in()
    stolen = browser.jar.for_host(APP, world.now.timestamp())[SESSION_COOKIE]
    thief = world.browser()
    thief.jar.store(f"https://{OTHER}/", [f"{SESSION_COOKIE}={stolen}; Path=/; Secure"], world.now.timestamp())
    assert await thief.session(OTHER) is None


async def test_the_authenticate_host_itself_can_be_where_one_wants_to_go(world: World) -> None:
    browser = world.browser()
    assert led_to(await browser.sign_in(target="/.pomerium/?x", host=AUTH)) == "https://auth.example.com/.pomerium/?x"
    assert await browser.user(AUTH) == "alice"


async def test_the_answer_may_be_posted(world: World) -> None:
    model = a_model(provider=provider(request_params={"response_mode": "form_post"}))
    world.model = model
    browser = world.browser()
    outcome = await browser.visit(browser.begin())
    assert isinstance(outcome, Redirect)
    assert "SameSite=None" in outcome.set_cookies[0]
    asked = authorization(outcome)
    outcome = await browser.visit("https://auth.example.com/oauth2/callback", method="POST", form=good_params(asked))
    await browser.follow(led_to(outcome))
    assert await browser.user() == "alice"


async def test_ten_tabs_sign_in_at_once(world: World) -> None:
    browser = world.browser()
    hosts = [APP, OTHER] * 5
    asked = [await browser.to_provider(f"/tab/{number}", host) for number, host in enumerate(hosts)]
    ends = [led_to(await browser.follow(answer(each))) for each in reversed(asked)]
    assert [urlsplit(end).path for end in reversed(ends)] == [f"/tab/{number}" for number in range(10)]
    first, second = await browser.session(APP), await browser.session(OTHER)
    assert first is not None
    assert second is not None
    assert first.session.id == second.session.id
    assert not browser.names(AUTH, "state")
    assert not browser.names(APP, "binding")


async def test_ten_tabs_answered_before_any_cookie_arrives(world: World) -> None:
    browser = world.browser()
    asked = [await browser.to_provider(f"/tab/{number}") for number in range(10)]
    answers = await asyncio.gather(*(browser.visit(answer(each)) for each in asked))
    ends = [await browser.follow(led_to(each)) for each in answers]
    assert [urlsplit(led_to(end)).path for end in ends] == [f"/tab/{number}" for number in range(10)]
    assert await browser.user() == "alice"


async def test_abandoned_attempts_do_not_pile_up(world: World) -> None:
    browser = world.browser()
    for _ in range(40):
        await browser.to_provider()
        world.now += timedelta(seconds=1)
    assert len(browser.names(AUTH, "state")) == 12
    assert len(browser.names(APP, "binding")) == 12
    await browser.sign_in()
    assert await browser.user() == "alice"


async def test_planted_rubbish_is_swept_and_does_not_disturb(world: World) -> None:
    browser = world.browser()
    rubbish = [f"__Host-pomerium_binding_{number:043d}=x{number}; Path=/; Secure" for number in range(20)]
    browser.jar.store(f"https://{APP}/", rubbish, world.now.timestamp())
    await browser.sign_in()
    assert await browser.user() == "alice"
    assert not browser.names(APP, "binding")


@pytest.mark.parametrize(
    ("host", "attributes", "before"),
    [("evil.example.com", "Domain=example.com; Path=/.pomerium", True), (APP, "Path=/", False)],
    ids=["a neighbour's, at the sign-in page", "the application's, where one lands"],
)
async def test_another_cookie_of_the_same_name_ends_in_a_page_and_no_loop(
    host: str, attributes: str, before: bool
) -> None:
    """Under a `cookie_domain` others can set one, and then no session cookie counts (RFC 6265 section 8.6)."""
    world = World(a_model(cookie=cookie_settings(name="__Secure-_pomerium", domain="example.com")))
    browser = world.browser()
    if not before:
        await browser.sign_in()
    tossed = f"__Secure-_pomerium={'A' * 43}; {attributes}; Secure"
    browser.jar.store(f"https://{host}/", [tossed], world.now.timestamp())
    outcome = await (browser.sign_in() if before else browser.follow(browser.begin()))
    assert failed(outcome) is FailureKind.COOKIES_AMBIGUOUS
    await world.close()


async def test_cookies_stay_within_what_browsers_keep(world: World) -> None:
    browser = world.browser()
    outcome = await browser.visit(browser.begin("/" + "x" * 1900 + "?q=%22"))
    assert isinstance(outcome, Redirect)
    assert all(len(line) < 4096 for line in outcome.set_cookies)


# The sign-in link


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("app.example.com", "evil.example.com"),
        ("pomerium_binding=", "pomerium_binding=A"),
        ("pomerium_signature=", "pomerium_signature=A"),
        ("&pomerium_expiry", "&pomerium_binding=x&pomerium_expiry"),
        ("/sign_in?", "/sign_in?&"),
    ],
)
async def test_an_altered_link_is_refused(world: World, old: str, new: str) -> None:
    browser = world.browser()
    outcome = await browser.visit(browser.begin().replace(old, new, 1))
    assert failed(outcome) is FailureKind.BAD_LINK
    assert not browser.names(AUTH, "state")


async def test_an_old_link_is_refused(world: World) -> None:
    browser = world.browser()
    link = browser.begin()
    world.now += timedelta(minutes=5)
    assert failed(await browser.visit(link)) is FailureKind.BAD_LINK


async def test_a_link_works_on_the_authenticate_host_alone(world: World) -> None:
    query = urlencode({"pomerium_redirect_uri": "https://app.example.com/", "pomerium_binding": "x" * 43})
    link = sign(f"https://{APP}/.pomerium/sign_in?{query}", KEYS.internal_url, world.now)
    assert failed(await world.browser().visit(link)) is FailureKind.BAD_LINK
    assert failed(await world.browser().visit(world.browser().begin().replace(AUTH, APP))) is FailureKind.BAD_LINK


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "/\\evil.example", "//evil.example", "", "https://app.example.com"]
)
async def test_even_a_signed_link_leads_to_served_hosts_alone(world: World, target: str) -> None:
    query = urlencode({"pomerium_redirect_uri": target, "pomerium_binding": "x" * 43})
    link = sign(f"https://{AUTH}/.pomerium/sign_in?{query}", KEYS.internal_url, world.now)
    assert failed(await world.browser().visit(link)) is FailureKind.BAD_TARGET


async def test_a_link_without_binding_is_refused(world: World) -> None:
    query = urlencode({"pomerium_redirect_uri": "https://app.example.com/"})
    link = sign(f"https://{AUTH}/.pomerium/sign_in?{query}", KEYS.internal_url, world.now)
    assert failed(await world.browser().visit(link)) is FailureKind.BAD_TARGET


async def test_without_a_provider_nobody_signs_in(world: World) -> None:
    world.model = a_model(provider=None)
    outcome = await world.browser().visit(world.browser().begin())
    assert failed(outcome) is FailureKind.NO_PROVIDER


async def test_a_provider_that_does_not_answer_is_a_page_and_no_loop(world: World) -> None:
    world.site.down = True
    browser = world.browser()
    outcome = await browser.visit(browser.begin("/x"))
    assert failed(outcome) is FailureKind.PROVIDER_UNAVAILABLE
    assert isinstance(outcome, Failure)
    assert (outcome.status, outcome.retry_url) == (503, "https://app.example.com/x")
    assert not browser.names(AUTH, "state")


async def test_a_provider_that_calls_itself_otherwise_is_a_page(world: World) -> None:
    world.site.discovery = discovery(issuer=f"{ISSUER}/")
    browser = world.browser()
    outcome = await browser.visit(browser.begin())
    assert failed(outcome) is FailureKind.PROVIDER_MISTRUSTED
    assert isinstance(outcome, Failure)
    assert "idp_provider_url" in outcome.detail_for_log
    assert "idp_provider_url" not in outcome.message


# The provider's answer


async def test_a_strangers_answer_signs_nobody_in(world: World) -> None:
    """Login CSRF: the attacker's code and state, in the victim's browser."""
    link = answer(await world.browser().to_provider(), "mallory")
    victim = world.browser()
    assert failed(await victim.visit(link)) is FailureKind.STATE_MISSING
    assert await victim.user(AUTH) is None
    assert world.site.asked("/token") == []


async def test_a_strangers_answer_does_not_disturb_who_is_signed_in(world: World) -> None:
    victim = world.browser()
    await victim.sign_in("alice")
    link = answer(await world.browser().to_provider(), "mallory")
    assert failed(await victim.visit(link)) is FailureKind.STATE_MISSING
    assert await victim.user() == "alice"
    assert await victim.user(AUTH) == "alice"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=x",
        "state=x",
        "error=access_denied",
        "state=",
        "state[]=x&code=y",
        "state=" + "x" * 65536,
        "state=" + "A" * 43,
        "state=..%2F..%2Fx",
        "state=%0d%0aSet-Cookie:x",
    ],
)
async def test_an_answer_without_a_state_of_this_browser_is_refused(world: World, query: str) -> None:
    browser = world.browser()
    await browser.to_provider()
    outcome = await browser.visit(f"https://{AUTH}/oauth2/callback?{query}")
    assert failed(outcome) is FailureKind.STATE_MISSING
    assert isinstance(outcome, Failure)
    assert outcome.status == 400
    assert world.site.asked("/token") == []


@pytest.mark.parametrize("name", ["state", "code", "iss"])
async def test_a_repeated_parameter_is_refused(world: World, name: str) -> None:
    browser = world.browser()
    asked = await browser.to_provider()
    pairs = good_params(asked)
    outcome = await browser.visit(f"https://{AUTH}/oauth2/callback", form=[*pairs, *(p for p in pairs if p[0] == name)])
    assert isinstance(outcome, Failure)
    assert outcome.status == 400
    assert (outcome.kind is FailureKind.STATE_MISSING) is (name == "state")
    assert world.site.asked("/token") == []
    assert await browser.user(AUTH) is None


async def test_two_cookies_of_one_state_are_refused(world: World) -> None:
    world.model = a_model(cookie=replace(a_model().cookie, name="_pomerium", secure=False))
    browser = world.browser()
    asked = await browser.to_provider()
    (name,) = browser.names(AUTH, "state")
    browser.jar.store(f"https://{AUTH}/", [f"{name}=planted; Path=/oauth2"], world.now.timestamp())
    assert failed(await browser.visit(answer(asked))) is FailureKind.STATE_MISSING


async def test_an_answer_after_ten_minutes_is_refused(world: World) -> None:
    browser = world.browser()
    asked = await browser.to_provider()
    cookies = browser._cookies(f"https://{AUTH}/")
    world.now += timedelta(minutes=10)
    keeper = world.browser()  # a browser that ignores Max-Age
    keeper.jar.store(f"https://{AUTH}/", [f"{n}={v}; Path=/; Secure" for n, v in cookies], world.now.timestamp())
    assert keeper.names(AUTH, "state")
    assert failed(await keeper.visit(answer(asked))) is FailureKind.STATE_MISSING


async def test_a_used_state_leads_on_whoever_has_signed_in_with_it(world: World) -> None:
    browser = world.browser()
    asked = await browser.to_provider("/x")
    kept = browser._cookies(f"https://{AUTH}/")
    await browser.follow(answer(asked))
    again = [f"{name}={value}; Path=/; Secure" for name, value in kept if "state" in name]
    browser.jar.store(f"https://{AUTH}/", again, world.now.timestamp())
    assert led_to(await browser.visit(answer(asked))) == "https://app.example.com/x"
    assert len(world.site.asked("/token")) == 1


async def test_a_used_state_signs_nobody_else_in(world: World) -> None:
    browser = world.browser()
    asked = await browser.to_provider()
    kept = browser._cookies(f"https://{AUTH}/")
    await browser.follow(answer(asked))
    thief = world.browser()
    thief.jar.store(f"https://{AUTH}/", [f"{n}={v}; Path=/; Secure" for n, v in kept], world.now.timestamp())
    assert failed(await thief.visit(answer(asked))) is FailureKind.STATE_USED
    assert len(world.site.asked("/token")) == 1


async def test_the_same_answer_many_times_at_once_spends_the_code_once(world: World) -> None:
    browser = world.browser()
    url = answer(await browser.to_provider())
    outcomes = await asyncio.gather(*(browser.visit(url) for _ in range(10)))
    assert sum(isinstance(outcome, Redirect) for outcome in outcomes) >= 1
    assert len(world.site.asked("/token")) == 1


@pytest.mark.parametrize(
    ("error", "status"), [("access_denied", 401), ("unauthorized_client", 401), ("server_error", 400)]
)
async def test_the_providers_no_is_a_page(world: World, error: str, status: int) -> None:
    browser = world.browser()
    asked = await browser.to_provider("/x")
    url = f"https://{AUTH}/oauth2/callback?" + urlencode(
        {"error": error, "error_description": "<img src=x>", "state": asked["state"], "iss": ISSUER}
    )
    outcome = await browser.visit(url)
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.status) == (FailureKind.PROVIDER_REFUSED, status)
    assert outcome.retry_url == "https://app.example.com/x"
    assert not browser.names(AUTH, "state")
    assert failed(await browser.visit(answer(asked))) is FailureKind.STATE_MISSING


async def test_a_bad_token_is_a_page_that_does_not_say_why(world: World) -> None:
    browser = world.browser()
    world.site.claims = {"aud": "somebody-else"}
    outcome = await browser.visit(answer(await browser.to_provider()))
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.status) == (FailureKind.PROVIDER_MISTRUSTED, 400)
    assert "id-token-audience" in outcome.detail_for_log
    assert "somebody-else" not in outcome.message
    assert await browser.user(AUTH) is None


async def test_a_provider_that_stops_answering_is_a_page(world: World) -> None:
    browser = world.browser()
    asked = await browser.to_provider()
    world.site.down = True
    assert failed(await browser.visit(answer(asked))) is FailureKind.PROVIDER_UNAVAILABLE


async def test_a_host_or_provider_taken_away_meanwhile(world: World) -> None:
    browser = world.browser()
    asked = await browser.to_provider(host=OTHER)
    world.model = replace(world.model, routes=world.model.routes[:1])
    assert failed(await browser.visit(answer(asked))) is FailureKind.BAD_TARGET
    world.model = a_model()
    asked = await browser.to_provider()
    world.model = a_model(provider=provider(id="second"))
    assert isinstance(await browser.visit(answer(asked)), Failure)
    assert world.site.asked("/token") == []


# Other people's sessions


async def test_a_new_user_ends_the_session_of_the_one_before(world: World) -> None:
    browser = world.browser()
    first = await browser.to_provider()
    second = await browser.to_provider(host=OTHER)
    await browser.follow(answer(first, "alice"))
    await browser.follow(answer(second, "bob"))
    assert await browser.user(AUTH) == "bob"
    assert await browser.user(OTHER) == "bob"
    assert await browser.user(APP) is None


async def test_a_failed_sign_in_does_not_go_on_as_somebody_else(world: World) -> None:
    browser = world.browser()
    first = await browser.to_provider()
    second = await browser.to_provider(host=OTHER)
    await browser.follow(answer(first, "alice"))
    world.site.claims = {"nonce": "wrong"}
    assert isinstance(await browser.visit(answer(second, "bob")), Failure)
    assert await browser.user(OTHER) is None


async def test_a_planted_session_is_replaced_and_ended(world: World) -> None:
    """Session fixation: whoever planted a cookie before the login holds nothing after it."""
    attacker = world.browser()
    await attacker.sign_in("alice")
    planted = attacker.jar.for_host(AUTH, world.now.timestamp())[SESSION_COOKIE]
    world.now += timedelta(seconds=1)
    victim = world.browser()
    asked = await victim.to_provider()
    victim.jar.store(f"https://{AUTH}/", [f"{SESSION_COOKIE}={planted}; Path=/; Secure"], world.now.timestamp())
    await victim.follow(answer(asked, "alice"))
    assert victim.jar.for_host(AUTH, world.now.timestamp())[SESSION_COOKIE] != planted
    assert await attacker.user(AUTH) is None
    assert await victim.user() == "alice"


async def test_landing_as_somebody_else_ends_the_session_there(world: World) -> None:
    browser = world.browser()
    await browser.sign_in("alice", host=APP)
    browser.jar.store(f"https://{AUTH}/", [f"{SESSION_COOKIE}=; Path=/; Secure; Max-Age=0"], world.now.timestamp())
    await browser.sign_in("bob", host=APP)
    assert await browser.user(APP) == "bob"
    assert len(world.store._sessions) == 1


# Landing


async def test_a_finished_sign_in_cannot_be_planted_in_another_browser(world: World) -> None:
    url = await landing(world.browser(), user="mallory")
    victim = world.browser()
    victim.begin()  # has a binding of its own
    assert failed(await victim.visit(url)) is FailureKind.BROWSER_CHANGED
    assert await victim.user() is None


async def test_a_ticket_is_good_once(world: World) -> None:
    browser = world.browser()
    url = await landing(browser)
    bindings = [line for line in browser.jar.for_host(APP, world.now.timestamp()).items() if "binding" in line[0]]
    await browser.visit(url)
    assert await browser.user() == "alice"
    assert led_to(await browser.visit(url)) == "https://app.example.com/"  # reloaded: lands where it did
    thief = world.browser()
    lines = [f"{name}={value}; Path=/; Secure" for name, value in bindings]
    thief.jar.store(f"https://{APP}/", lines, world.now.timestamp())
    assert failed(await thief.visit(url)) is FailureKind.TICKET_REFUSED
    assert await thief.user() is None


async def test_a_ticket_lasts_a_minute(world: World) -> None:
    browser = world.browser()
    url = await landing(browser)
    world.now += timedelta(seconds=60)
    assert failed(await browser.visit(url)) is FailureKind.TICKET_REFUSED
    assert await browser.user() is None


async def test_a_ticket_is_good_on_its_own_host_alone(world: World) -> None:
    browser = world.browser()
    browser.begin(host=OTHER)
    params = dict(parse_qsl(urlsplit(await landing(browser)).query))
    query = urlencode(
        {
            "pomerium_session_encrypted": params["pomerium_session_encrypted"],
            "pomerium_redirect_uri": "https://other.example.com:8443/",
        }
    )
    moved = sign(f"https://{OTHER}/.pomerium/callback/?{query}", KEYS.internal_url, world.now)
    assert failed(await browser.visit(moved)) is FailureKind.TICKET_REFUSED
    assert await browser.user(OTHER) is None


async def test_a_landing_leads_on_its_own_host_alone(world: World) -> None:
    browser = world.browser()
    params = dict(parse_qsl(urlsplit(await landing(browser)).query))
    query = urlencode(
        {
            "pomerium_session_encrypted": params["pomerium_session_encrypted"],
            "pomerium_redirect_uri": "https://other.example.com:8443/",
        }
    )
    url = sign(f"https://{APP}/.pomerium/callback/?{query}", KEYS.internal_url, world.now)
    assert failed(await browser.visit(url)) is FailureKind.BAD_TARGET
    assert await browser.user() is None


@pytest.mark.parametrize("change", ["host", "target", "signature", "ticket"])
async def test_an_altered_landing_is_refused(world: World, change: str) -> None:
    browser = world.browser()
    url = await landing(browser)
    altered = {
        "host": url.replace(APP, OTHER, 1),
        "target": url.replace("&pomerium_redirect_uri=https%3A%2F%2Fapp", "&pomerium_redirect_uri=https%3A%2F%2Fevil"),
        "signature": url[:-1] + ("A" if url[-1] != "A" else "B"),
        "ticket": url.replace("pomerium_session_encrypted=", "pomerium_session_encrypted=A"),
    }[change]
    assert altered != url
    assert failed(await browser.visit(altered)) is FailureKind.BAD_LINK
    assert await browser.user() is None


@pytest.mark.parametrize("ticket", ["", "x", "A" * 200, "é", "A" * 9000])
async def test_a_signed_landing_with_a_made_up_ticket_is_refused(world: World, ticket: str) -> None:
    query = urlencode({"pomerium_session_encrypted": ticket, "pomerium_redirect_uri": "https://app.example.com/"})
    url = sign(f"https://{APP}/.pomerium/callback/?{query}", KEYS.internal_url, world.now)
    browser = world.browser()
    assert failed(await browser.visit(url)) is FailureKind.TICKET_REFUSED


async def test_a_session_that_ended_meanwhile_is_not_admitted(world: World) -> None:
    browser = world.browser()
    url = await landing(browser)
    known = await browser.session(AUTH)
    assert known is not None
    await world.store.end_session(known.session.id, world.now)
    assert failed(await browser.visit(url)) is FailureKind.TICKET_REFUSED
    assert await browser.session() is None


async def test_the_url_of_a_landing_holds_no_credential(world: World) -> None:
    browser = world.browser()
    url = await landing(browser)
    await browser.visit(url)
    values = [cookie.value for cookie in browser.jar.live(world.now.timestamp())]
    assert all(value not in httpx.URL(url).query.decode() for value in values)


async def test_an_unavailable_store_signs_nobody_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = world.browser()
    asked = await browser.to_provider()

    async def gone(*_: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(type(world.store), "claim_once", gone)
    with pytest.raises(StoreUnavailable):
        await browser.visit(answer(asked))
    assert world.site.asked("/token") == []


async def test_without_tls_cookies_have_no_host_prefix() -> None:
    world = World(a_model(cookie=replace(a_model().cookie, name="_pomerium", secure=False)))
    outcome = await world.browser().visit(world.browser().begin())
    assert isinstance(outcome, Redirect)
    assert outcome.set_cookies[0].startswith("pomerium_state_")
    assert "Secure" not in outcome.set_cookies[0]
    await world.close()
