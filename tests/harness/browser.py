"""Headless Chromium, driven by Playwright."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tests.harness import parts

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = ViewportSize(width=1100, height=800)
PHONE = ViewportSize(width=390, height=844)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium; it ends with the block. It resolves `*.localhost` to loopback by itself."""
    executable = parts.chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def new_page(
    browser: Browser,
    *,
    phone: bool = False,
    dark: bool = False,
    javascript: bool = True,
    ignore_https_errors: bool = True,
) -> AsyncIterator[Page]:
    """Open a page in a fresh context (no cookies, no cache), on a phone's screen or in dark mode if wished.

    Everything that goes wrong in the page (scripts, blocked resources) raises at the end of the block.
    """
    context = await browser.new_context(
        viewport=PHONE if phone else DESKTOP,
        device_scale_factor=2 if phone else 1,
        is_mobile=phone,
        has_touch=phone,
        color_scheme="dark" if dark else "light",
        java_script_enabled=javascript,
        ignore_https_errors=ignore_https_errors,
    )
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("console", lambda message: troubles.append(message.text) if "Content Security" in message.text else None)
    try:
        yield await context.new_page()
    finally:
        await context.close()
    assert not troubles, troubles


async def screenshot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page as `artifacts/<name>.png`, for people to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    file = ARTIFACTS / f"{name}.png"
    await page.screenshot(path=file, full_page=True, animations="disabled")
    return file


async def overflows(page: Page) -> bool:
    """Whether the page is wider than the screen, so that a reader has to scroll sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
