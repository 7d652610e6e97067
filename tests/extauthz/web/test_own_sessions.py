"""Where somebody is signed in: they see their own sessions, and end those and no others."""

from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest

from tests.extauthz.web.world import ALICE, APP, FORM, OTHER, World

PATH = "/.pomerium/sessions"
OURS = {**FORM, "origin": f"https://{APP}:8443", "sec-fetch-site": "same-origin"}


async def end(world: World, headers: dict[str, str], what: str, **more: str) -> httpx.Response:
    return await world.send("POST", PATH, APP, {**OURS, **headers, **more}, urlencode({"end": what}))


async def session_id(world: World, headers: dict[str, str], host: str = APP) -> str:
    return str((await world.get("/.pomerium/user", host, **headers)).json()["sid"])


async def is_signed_in(world: World, headers: dict[str, str], host: str = APP) -> bool:
    return (await world.get("/.pomerium/user", host, **headers)).status_code == 200


async def test_they_are_listed_without_those_of_others(world: World) -> None:
    mine, elsewhere = await world.sign_in(), await world.sign_in(OTHER)
    bob = await world.sign_in(user=replace(ALICE, id="bob"))
    page = await world.get(PATH, **mine)
    assert page.status_code == 200
    assert await session_id(world, mine) in page.text
    assert await session_id(world, elsewhere, OTHER) in page.text
    assert await session_id(world, bob) not in page.text


async def test_one_is_ended(world: World) -> None:
    mine, elsewhere, third = await world.sign_in(), await world.sign_in(OTHER), await world.sign_in(OTHER)
    answer = await end(world, mine, await session_id(world, elsewhere, OTHER))
    assert (answer.status_code, answer.headers["location"]) == (302, f"https://{APP}:8443{PATH}")
    assert not await is_signed_in(world, elsewhere, OTHER)
    assert await is_signed_in(world, mine)
    assert await is_signed_in(world, third, OTHER)


async def test_all_others_are_ended(world: World) -> None:
    mine, elsewhere = await world.sign_in(), await world.sign_in(OTHER)
    bob = await world.sign_in(user=replace(ALICE, id="bob"))
    await end(world, mine, "others")
    assert not await is_signed_in(world, elsewhere, OTHER)
    assert await is_signed_in(world, mine)
    assert await is_signed_in(world, bob)


async def test_somebody_elses_cannot_be_ended(world: World) -> None:
    mine, bob = await world.sign_in(), await world.sign_in(user=replace(ALICE, id="bob"))
    same_name = await world.sign_in(user=replace(ALICE, issuer="https://other.example"))
    for victim in (bob, same_name):
        await end(world, mine, await session_id(world, victim))
        assert await is_signed_in(world, victim)


@pytest.mark.parametrize(
    "foreign",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
    ],
)
async def test_another_site_ends_nothing(world: World, foreign: dict[str, str]) -> None:
    mine, elsewhere = await world.sign_in(), await world.sign_in(OTHER)
    assert (await end(world, mine, "others", **foreign)).status_code == 403
    assert await is_signed_in(world, elsewhere, OTHER)


@pytest.mark.parametrize("content", ["", "end=", "end=others&end=x", "end=nobody", "other=others"])
async def test_what_names_no_session_ends_none(world: World, content: str) -> None:
    mine, elsewhere = await world.sign_in(), await world.sign_in(OTHER)
    assert (await world.send("POST", PATH, APP, {**OURS, **mine}, content)).status_code == 302
    assert await is_signed_in(world, mine)
    assert await is_signed_in(world, elsewhere, OTHER)


async def test_strangers_see_nothing_and_end_nothing(world: World) -> None:
    elsewhere = await world.sign_in(OTHER)
    assert (await world.get(PATH)).status_code == 401
    assert (await end(world, {}, "others")).status_code == 401
    assert await is_signed_in(world, elsewhere, OTHER)


async def test_each_shows_browser_and_address_of_its_sign_in(world: World) -> None:
    mine = await world.sign_in(device="Firefox on Linux", address="192.0.2.7")
    await world.sign_in(OTHER, device="Safari on iOS", address="2001:db8::7")
    await world.sign_in(OTHER)
    page = (await world.get(PATH, **mine)).text
    for words in ("Firefox on Linux", "192.0.2.7", "Safari on iOS", "2001:db8::7", "Unknown browser"):
        assert words in page
