"""Stepping up: once to the provider and back, with a new session, or to a page that says why not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from access_model.policy import StepUp
from extauthz.sign_in_link import StepUpLink, begin_sign_in_at
from extauthz.web_request import Failure, FailureKind, Redirect
from tests.extauthz.sign_in.world import APP, AUTH, NOW, OTHER, Browser, World, answer, authorization

MFA = StepUp(("mfa",))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.close()


@pytest.fixture
async def browser(world: World) -> Browser:
    """A browser in which Alice signed in by password, an hour ago."""
    browser = world.browser()
    world.site.claims = {"amr": ["pwd"], "auth_time": int(NOW.timestamp()) - 3600}
    await browser.sign_in()
    assert await browser.user() == "alice"
    return browser


def _link(browser: Browser, demand: StepUp, target: str = "/admin?x=1") -> str:
    """The sign-in link of a request that needs a better sign-in."""
    world, url = browser.world, f"https://{APP}/"
    sent = begin_sign_in_at(
        world.current,
        APP,
        target,
        cookies=browser._cookies(url),
        entropy=world.entropy,
        now=world.now,
        step_up=StepUpLink(demand),
    )
    browser._store(url, sent)
    return sent.location


@pytest.mark.parametrize(
    ("demand", "asked"),
    [
        (MFA, {"acr_values": "mfa"}),
        (StepUp(max_age=timedelta(minutes=5)), {"max_age": "240"}),
        (StepUp(max_age=timedelta(seconds=10)), {"max_age": "0"}),
        (StepUp(), {"prompt": "login"}),
    ],
)
async def test_whoever_is_signed_in_goes_to_the_provider_with_the_demand(
    browser: Browser, demand: StepUp, asked: dict[str, str]
) -> None:
    request = authorization(await browser.visit(_link(browser, demand)))
    assert {name: value for name, value in request.items() if name in ("acr_values", "max_age", "prompt")} == asked


async def test_a_step_up_makes_a_new_session_with_a_new_handle_and_leads_back(browser: Browser, world: World) -> None:
    before, cookies = await browser.session(), browser._cookies(f"https://{APP}/")
    assert before is not None
    request = authorization(await browser.visit(_link(browser, MFA)))
    world.site.claims = {"acr": "mfa"}
    landed = await browser.follow(answer(request))
    assert isinstance(landed, Redirect)
    assert landed.location == f"https://{APP}/admin?x=1"
    after = await browser.session()
    assert after is not None
    assert after.session.id != before.session.id
    assert after.session.claims["acr"] == ("mfa",)
    assert browser._cookies(f"https://{APP}/") != cookies
    assert await world.store.find_session(before.session.id, world.now) is None


@pytest.mark.parametrize(
    ("demand", "claims"),
    [
        (MFA, {}),
        (MFA, {"acr": "pwd"}),
        (StepUp(max_age=timedelta(minutes=5)), {}),
        (StepUp(max_age=timedelta(minutes=5)), {"auth_time": int(NOW.timestamp()) - 3600}),
        (StepUp(), {"amr": ["pwd"]}),
    ],
)
async def test_a_provider_that_answers_as_before_ends_in_a_page_and_not_in_a_loop(
    browser: Browser, world: World, demand: StepUp, claims: dict[str, object]
) -> None:
    before = await browser.session()
    request = authorization(await browser.visit(_link(browser, demand)))
    world.site.claims = claims
    refused = await browser.visit(answer(request))
    assert isinstance(refused, Failure)
    assert (refused.kind, refused.status) == (FailureKind.STEP_UP_REFUSED, 403)
    assert refused.detail_for_log
    assert refused.retry_url == f"https://{APP}/admin?x=1"
    assert await browser.session() == before, "the session is as it was"
    assert await browser.user(AUTH) == "alice"


async def test_the_demand_cannot_be_taken_off_a_link(browser: Browser) -> None:
    parts = urlsplit(_link(browser, MFA))
    params = [(name, value) for name, value in parse_qsl(parts.query) if name != "acr_values"]
    refused = await browser.visit(parts._replace(query=urlencode(params)).geturl())
    assert isinstance(refused, Failure)
    assert refused.kind is FailureKind.BAD_LINK


async def test_another_host_gets_the_better_session_without_the_provider(browser: Browser, world: World) -> None:
    request = authorization(await browser.visit(_link(browser, MFA)))
    world.site.claims = {"acr": "mfa"}
    await browser.follow(answer(request))
    asked = len(world.site.requests)
    await browser.follow(browser.begin("/", OTHER))
    assert len(world.site.requests) == asked
    there, here = await browser.session(OTHER), await browser.session()
    assert there is not None
    assert here is not None
    assert there.session.id == here.session.id
