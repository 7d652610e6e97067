"""The whole of it in a real browser, without scripts: sign in, be known, sign out. Its pictures are for people."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.harness.browser import new_page, overflows, screenshot
from tests.harness.identity_provider import ALICE, BOB, User
from tests.harness.stack import APP, AUTHENTICATE, OTHER, VERIFY, Stack

LOOKS = [
    pytest.param(False, False, id="desktop-light"),
    pytest.param(False, True, id="desktop-dark"),
    pytest.param(True, False, id="phone-light"),
    pytest.param(True, True, id="phone-dark"),
]


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with new_page(browser, javascript=False) as opened:
        yield opened


async def sign_in(page: Page, url: str, user: User = ALICE) -> None:
    await page.goto(url)
    await page.fill("input[name=username]", user.email)
    await page.fill("input[name=password]", user.password)
    await page.press("input[name=password]", "Enter")


async def test_the_demo_page_says_that_the_assertion_is_valid(page: Page, stack: Stack) -> None:
    await sign_in(page, stack.url(VERIFY, "/some/page?x=1"))
    await expect(page).to_have_url(stack.url(VERIFY, "/some/page?x=1"))
    await expect(page.locator("body")).to_contain_text("alice@example.com")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("valid", re.IGNORECASE))
    await expect(page.locator("body")).not_to_contain_text("✗")
    await screenshot(page, "verify")


async def test_one_login_and_one_sign_out_for_every_host(page: Page, stack: Stack) -> None:
    await sign_in(page, stack.url(APP))
    await page.goto(stack.url(OTHER))
    await expect(page).to_have_url(stack.url(OTHER))
    stack.app.clear()
    stack.other.clear()
    await page.goto(stack.url(APP, "/.pomerium/"))
    await page.get_by_role("button", name=re.compile("sign out", re.IGNORECASE)).click()
    await confirm_at_the_provider(page, stack)
    await expect(page).to_have_url(re.compile(re.escape(stack.url(AUTHENTICATE, "/.pomerium/signed_out"))))
    for host in (APP, OTHER):
        await page.goto(stack.url(host))
        await expect(page.locator("input[name=password]")).to_be_visible()
    assert stack.app.requests == []
    assert stack.other.requests == []


async def confirm_at_the_provider(page: Page, stack: Stack) -> None:
    await page.wait_for_load_state()
    if page.url.startswith(stack.provider.issuer):
        await page.get_by_role("button", name=re.compile("yes|sign out", re.IGNORECASE)).first.click()
        await page.wait_for_load_state()


async def test_going_back_after_signing_out_shows_nothing(page: Page, stack: Stack) -> None:
    await sign_in(page, stack.url(APP))
    await page.goto(stack.url(APP, "/.pomerium/"))
    await expect(page.locator("body")).to_contain_text("alice@example.com")
    await page.get_by_role("button", name=re.compile("sign out", re.IGNORECASE)).click()
    await confirm_at_the_provider(page, stack)
    await page.goto(stack.url(APP, "/.pomerium/"))
    await expect(page.locator("body")).not_to_contain_text("alice@example.com")


@pytest.mark.parametrize(("phone", "dark"), LOOKS)
async def test_our_pages_fit_every_screen(
    browser: Browser, stack: Stack, phone: bool, dark: bool, request: pytest.FixtureRequest
) -> None:
    look = request.node.callspec.id
    async with new_page(browser, phone=phone, dark=dark) as page:
        await sign_in(page, stack.url(OTHER), BOB)
        await _picture(page, f"forbidden-{look}")
        await page.goto(stack.url(OTHER, "/.pomerium/"))
        await _picture(page, f"user-{look}")
        await page.goto(stack.url(OTHER, "/.pomerium/nothing-here"))
        await _picture(page, f"not-found-{look}")
        await page.goto(stack.url(AUTHENTICATE, "/.pomerium/signed_out"))
        await _picture(page, f"signed-out-{look}")
        await page.goto(stack.url(APP, "/oauth2/callback?state=unknown&code=x"))
        await page.goto(stack.url(AUTHENTICATE, "/oauth2/callback?state=unknown&code=x"))
        await _picture(page, f"bad-callback-{look}")


async def _picture(page: Page, name: str) -> None:
    await screenshot(page, name)
    assert not await overflows(page), f"{name} is wider than the screen"
