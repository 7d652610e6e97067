"""The portal in a real browser: pictures from where the operator says, on every screen."""

import pytest
from playwright.async_api import Browser

from tests.end_to_end.route_options.conftest import World
from tests.harness.browser import new_page, overflows, screenshot
from tests.harness.identity_provider import ALICE

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize(
    ("phone", "dark"), [(False, False), (False, True), (True, False)], ids=["desktop-light", "desktop-dark", "phone"]
)
async def test_pictures_are_shown(
    browser: Browser, world: World, phone: bool, dark: bool, request: pytest.FixtureRequest
) -> None:
    async with new_page(browser, phone=phone, dark=dark) as page:
        await page.goto(world.stack.url("private.localhost", "/response"))
        await page.fill("input[name=username]", ALICE.email)
        await page.fill("input[name=password]", ALICE.password)
        await page.press("input[name=password]", "Enter")
        await page.goto(world.stack.url("private.localhost", "/.pomerium/routes"))
        picture = page.locator("img.logo")
        await picture.scroll_into_view_if_needed()
        assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 64
        await screenshot(page, f"portal-{request.node.callspec.id}")
        assert not await overflows(page)
