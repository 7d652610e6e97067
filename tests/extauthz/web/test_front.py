from tests.extauthz.web.world import AUTH, World


async def test_the_front_leads_to_who_am_i(world: World) -> None:
    answer = await world.get("/", AUTH)
    assert (answer.status_code, answer.headers["location"]) == (302, "/.pomerium/")


async def test_crawlers_are_kept_out(world: World) -> None:
    answer = await world.get("/robots.txt", AUTH)
    assert answer.text == "User-agent: *\nDisallow: /\n"
    assert answer.headers["content-type"].startswith("text/plain")
