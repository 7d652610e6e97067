from urllib.parse import parse_qs, urlsplit

import pytest
from structlog.testing import capture_logs

from tests.extauthz.web.world import APP, AUTH, COOKIE, FORM, OTHER, World, a_model

OURS = {**FORM, "origin": f"https://{APP}:8443", "sec-fetch-site": "same-origin"}
PATH = "/.pomerium/sign_out"


async def test_a_posted_form_ends_the_session_and_leads_over_the_provider(world: World) -> None:
    headers = await world.sign_in()
    answer = await world.send("POST", PATH, APP, {**OURS, **headers})
    location = urlsplit(answer.headers["location"])
    assert answer.status_code == 302
    assert (location.netloc, location.path) == ("logout.example.com", "/end")
    query = parse_qs(location.query)
    assert query["post_logout_redirect_uri"] == [f"https://{AUTH}:8443/.pomerium/signed_out"]
    assert query["client_id"] == ["client"]
    assert query["tenant"] == ["1"]
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}=; Path=/; Max-Age=0; Secure")
    assert (await world.get("/.pomerium/user", **headers)).status_code == 401


async def test_a_link_on_our_own_page_does_it_too(world: World) -> None:
    headers = await world.sign_in()
    assert (await world.get(PATH, **headers, **{"sec-fetch-site": "same-origin"})).status_code == 302
    assert (await world.get("/.pomerium/user", **headers)).status_code == 401


@pytest.mark.parametrize("site", ["cross-site", "", "nonsense"])
async def test_a_link_from_elsewhere_asks_first(world: World, site: str) -> None:
    headers = await world.sign_in()
    page = await world.get(PATH, **headers, **{"sec-fetch-site": site})
    assert page.status_code == 200
    assert "Sign out?" in page.text
    assert "Alice" in page.text
    assert f'method="post" action="{PATH}"' in page.text
    assert page.headers["referrer-policy"] == "same-origin"
    assert "form-action 'self' https://auth.example.com:8443 " in page.headers["content-security-policy"]
    assert "set-cookie" not in page.headers
    assert (await world.get("/.pomerium/user", **headers)).status_code == 200


@pytest.mark.parametrize("host", [APP, AUTH])
@pytest.mark.parametrize(
    "foreign",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"https://{APP}:8443.evil.example"},
        {"origin": f"https://{APP}:8443", "sec-fetch-site": "cross-site"},
        {},
    ],
)
async def test_a_form_on_another_site_is_refused(world: World, host: str, foreign: dict[str, str]) -> None:
    headers = await world.sign_in(host)
    without_site = {name: value for name, value in FORM.items() if name != "sec-fetch-site"}
    answer = await world.send("POST", PATH, host, {"sec-fetch-site": "", **without_site, **foreign, **headers})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert (await world.get("/.pomerium/user", host, **headers)).status_code == 200


async def test_nobody_to_sign_out_is_no_error(world: World) -> None:
    answer = await world.send("POST", PATH, APP, OURS)
    assert answer.headers["location"] == f"https://{AUTH}:8443/.pomerium/signed_out"


async def test_too_large_a_form_ends_nothing(world: World) -> None:
    headers = await world.sign_in()
    answer = await world.send("POST", PATH, APP, {**OURS, **headers}, "x=" + "y" * 65536)
    assert answer.status_code == 400
    assert (await world.get("/.pomerium/user", **headers)).status_code == 200


async def test_it_ends_only_this_session(world: World) -> None:
    mine, theirs = await world.sign_in(), await world.sign_in(OTHER)
    await world.send("POST", PATH, APP, {**OURS, **mine})
    assert (await world.get("/.pomerium/user", OTHER, **theirs)).status_code == 200


async def test_it_is_logged_with_the_user_and_without_secrets(world: World) -> None:
    headers = await world.sign_in()
    with capture_logs() as lines:
        await world.send("POST", PATH, APP, {**OURS, **headers})
    (line,) = [line for line in lines if line["event"] == "sign_out"]
    assert (line["user"], line["host"], line["request_id"]) == ("alice", APP, "req-1")
    for secret in ("the-id-token", "the-refresh-token", headers["cookie"].partition("=")[2]):
        assert secret not in repr(lines)


async def test_the_last_page_says_so_and_offers_to_begin_again(world: World) -> None:
    page = await world.get("/.pomerium/signed_out?state=<script>", AUTH)
    assert page.status_code == 200
    assert "You are signed out" in page.text
    assert 'href="/.pomerium/?sign_in"' in page.text
    assert "<script>" not in page.text


async def test_the_last_page_can_be_the_operators(world: World) -> None:
    world.model = a_model(signout_redirect_url="https://www.example.com/bye")
    answer = await world.get("/.pomerium/signed_out", AUTH)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://www.example.com/bye")
