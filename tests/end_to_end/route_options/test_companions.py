"""`depends_on`: the hosts that a page fetches from are open when it is shown, in a browser and after one login."""

import pytest
from playwright.async_api import Browser, expect

from tests.end_to_end.route_options.conftest import World
from tests.harness.browser import new_page
from tests.harness.identity_provider import ALICE
from tests.harness.web_client import login

pytestmark = pytest.mark.end_to_end

FETCH = """async (url) => {
  const answer = await fetch(url, {credentials: "include"}).catch(() => null);
  return answer && answer.ok ? (await answer.json()).target : null;
}"""


async def test_a_page_fetches_from_its_companions_at_once(browser: Browser, world: World) -> None:
    home = world.stack.url("page.site.localhost", "/page?x=1")
    async with new_page(browser) as page:
        await page.goto(home)
        await page.fill("input[name=username]", ALICE.email)
        await page.fill("input[name=password]", ALICE.password)
        await page.press("input[name=password]", "Enter")
        await expect(page).to_have_url(home)
        for host, fetched in (("api", "/x"), ("files", "/x"), ("alone", None)):
            assert await page.evaluate(FETCH, world.stack.url(f"{host}.site.localhost", "/x")) == fetched
    assert world.upstreams["b"].requests() == ["/x", "/x"]


def test_who_is_known_to_the_provider_is_sent_through_in_one_go(world: World) -> None:
    with world.stack.signed_in(ALICE) as client:
        before = len(client.history)
        page = client.get(world.stack.url("page.site.localhost", "/page"))
        assert (page.status_code, page.url.path) == (200, "/page")
        assert len(client.history) - before == 9
        assert client.jar.rejected == []
        answer = client.send("GET", world.stack.url("files.site.localhost", "/x"))
    assert answer.json()["name"] == "b"


def test_a_link_to_a_companion_from_a_log_opens_nothing(world: World) -> None:
    with world.stack.client() as client, world.stack.program() as program:
        login(client, world.stack.url("page.site.localhost"), ALICE.email, ALICE.password)
        links = [str(one.url) for one in client.history if one.url.path in ("/.pomerium/join", "/.pomerium/callback/")]
        assert len(links) == 6
        answers = [program.get(link, headers={"accept": "text/html"}) for link in links]
    assert not any(
        cookie.startswith("__Host-_pomerium=") for one in answers for cookie in one.headers.get_list("set-cookie")
    )
