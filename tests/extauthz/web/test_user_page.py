from urllib.parse import parse_qs, urlsplit

import pytest

from session_store.records import User
from tests.extauthz.web.world import APP, AUTH, COOKIE, ISSUER, OTHER, World, a_model

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


async def test_shows_who_is_signed_in(world: World) -> None:
    page = await world.get("/.pomerium/", **await world.sign_in())
    assert page.status_code == 200
    for words in (
        "Alice",
        "alice@example.com",
        "alice",
        ISSUER,
        "staff",
        "ops",
        "department",
        "research",
        "amr",
        "otp",
    ):
        assert words in page.text
    assert '<form class="actions" method="post" action="/.pomerium/sign_out">' in page.text
    assert "22 November 2026, 12:00 UTC" in page.text


async def test_shows_no_token_and_no_cookie(world: World) -> None:
    headers = await world.sign_in()
    page = await world.get("/.pomerium/", **headers)
    for secret in ("the-id-token", "the-refresh-token", headers["cookie"].partition("=")[2]):
        assert secret not in page.text


async def test_its_form_may_lead_over_the_provider_and_is_posted_with_an_origin(world: World) -> None:
    headers = (await world.get("/.pomerium/", **await world.sign_in())).headers
    targets = f"form-action 'self' https://{AUTH}:8443 {ISSUER} https://logout.example.com;"
    assert targets in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("host", [APP, AUTH])
async def test_invites_a_stranger(world: World, host: str) -> None:
    page = await world.get("/.pomerium/", host)
    assert page.status_code == 200
    assert 'href="/.pomerium/?sign_in"' in page.text
    assert "set-cookie" not in page.headers


async def test_invites_nobody_where_nobody_can_sign_in(world: World) -> None:
    world.model = a_model(provider=None)
    assert "sign_in" not in (await world.get("/.pomerium/")).text
    assert (await world.get("/.pomerium/?sign_in")).status_code == 200


@pytest.mark.parametrize("host", [APP, AUTH])
async def test_the_invitation_leads_to_sign_in_and_back_here(world: World, host: str) -> None:
    answer = await world.get("/.pomerium/?sign_in", host)
    location = urlsplit(answer.headers["location"])
    assert answer.status_code == 302
    assert (location.netloc, location.path) == (f"{AUTH}:8443", "/.pomerium/sign_in")
    assert parse_qs(location.query)["pomerium_redirect_uri"] == [f"https://{host}:8443/.pomerium/"]
    assert answer.headers["set-cookie"].startswith("__Host-pomerium_binding_")


async def test_who_is_signed_in_stays_where_they_are(world: World) -> None:
    assert "Alice" in (await world.get("/.pomerium/?sign_in", **await world.sign_in())).text


@pytest.mark.parametrize("change", ["duplicate", "garbage", "other host", "expired"])
async def test_a_cookie_that_is_not_good_here_makes_a_stranger(world: World, change: str) -> None:
    cookie = (await world.sign_in(OTHER if change == "other host" else APP))["cookie"]
    if change == "expired":
        world.now = world.now.replace(day=world.now.day + 1)
    presented = {"duplicate": f"{cookie}; {cookie}", "garbage": f"{COOKIE}=x"}.get(change, cookie)
    assert "You are not signed in" in (await world.get("/.pomerium/", cookie=presented)).text


async def test_hostile_claims_stay_text(world: World) -> None:
    user = User(ISSUER, HOSTILE, HOSTILE, None, HOSTILE, {HOSTILE: (HOSTILE,), "groups": (HOSTILE, "\ud800")})
    page = await world.get("/.pomerium/", **await world.sign_in(user=user))
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_the_path_without_slash_leads_here(world: World) -> None:
    answer = await world.get("/.pomerium")
    assert (answer.status_code, answer.headers["location"]) == (302, "/.pomerium/")
