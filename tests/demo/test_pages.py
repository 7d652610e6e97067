"""The demo's pages in a real browser: usable, and readable on a phone and in the dark. The pictures are for people."""

import pytest
from playwright.async_api import Browser, expect

from tests.demo.verifying import HEADER, HOST, Asked, token
from tests.harness.browser import new_page, overflows, screenshot
from tests.harness.identity_provider import ALICE, BOB
from tests.harness.relying_party import RelyingParty
from tests.harness.upstream import Upstream

LOOKS = [(False, False), (False, True), (True, False), (True, True)]


def look(phone: bool, dark: bool) -> str:
    return f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"


@pytest.mark.parametrize(("phone", "dark"), LOOKS)
async def test_sign_in_and_out_in_every_look(party: RelyingParty, browser: Browser, phone: bool, dark: bool) -> None:
    async with new_page(browser, phone=phone, dark=dark) as page:
        await page.goto(party.authorization_url())
        await screenshot(page, f"provider-sign-in-{look(phone, dark)}")
        assert not await overflows(page)
        await page.get_by_label("E-mail or username").fill(ALICE.email)
        await page.get_by_label("Password").fill("wrong")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await screenshot(page, f"provider-wrong-password-{look(phone, dark)}")
        await page.get_by_label("Password").fill(ALICE.password)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/callback?**")
        assert "code=" in page.url
        await page.goto(party.discovery["end_session_endpoint"])
        await screenshot(page, f"provider-sign-out-{look(phone, dark)}")
        await page.get_by_role("button", name="Yes, sign me out").click()
        await expect(page.get_by_role("heading", name="Signed out")).to_be_visible()


async def test_sign_in_needs_no_javascript(party: RelyingParty, browser: Browser) -> None:
    async with new_page(browser, javascript=False) as page:
        await page.goto(party.authorization_url())
        await page.get_by_role("link", name=BOB.name).click()
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/callback?**")


async def test_a_hint_signs_out_by_itself(party: RelyingParty, browser: Browser, callback: Upstream) -> None:
    async with new_page(browser) as page:
        await page.goto(party.authorization_url(login_hint=ALICE.email))
        await page.get_by_label("Password").fill(ALICE.password)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/callback?**")
        code = page.url.partition("code=")[2].partition("&")[0]
        hint = party.redeem(code).json()["id_token"]
        end = f"?id_token_hint={hint}&post_logout_redirect_uri={callback.url}/signed-out"
        await page.goto(party.discovery["end_session_endpoint"] + end)
        await page.wait_for_url("**/signed-out")


async def test_an_error_page_says_what_went_wrong(party: RelyingParty, browser: Browser) -> None:
    async with new_page(browser) as page:
        await page.goto(party.authorization_url(client_id="nobody"))
        await expect(page.get_by_text("invalid_client")).to_be_visible()
        await screenshot(page, "provider-error")


@pytest.mark.parametrize(("phone", "dark"), LOOKS)
async def test_the_verdict_in_every_look(asked: Asked, browser: Browser, phone: bool, dark: bool) -> None:
    groups = [f"group-{number}" for number in range(12)]
    genuine = {HEADER: token(name="Alice Liddell", groups=groups, jti="0b0d4a5e-9c80-4f0e-8f0a-3d1f0c1f5b7a")}
    forged = {HEADER: token(name="Alice Liddell", aud="other.localhost", exp=1)}
    async with new_page(browser, phone=phone, dark=dark) as page:
        for name, headers in (("valid", genuine), ("not-valid", forged), ("missing", {})):
            # Chromium sets Host itself; the name the proxy was asked for travels as behind a real one.
            await page.set_extra_http_headers({"x-forwarded-host": f"{HOST}:8443", **headers})
            await page.goto(f"{asked.app.url}/some/path?query=1")
            heading = "Valid" if name == "valid" else "Not valid"
            await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
            await screenshot(page, f"verify-{name}-{look(phone, dark)}")
            assert not await overflows(page)
