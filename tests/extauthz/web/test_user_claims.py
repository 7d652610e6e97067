import json

import pytest

from session_store.records import User
from tests.extauthz.web.world import APP, AUTH, COOKIE, ISSUER, OTHER, World

CLAIMS = {"sub": "alice", "user": "alice", "email": "alice@example.com", "groups": ["staff", "ops"], "name": "Alice"}


async def test_tells_the_claims_of_the_user_and_none_of_the_token(world: World) -> None:
    answer = await world.get("/.pomerium/user", **await world.sign_in())
    told = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert told.pop("sid").startswith("session-")
    assert told == {**CLAIMS, "department": "research"}


async def test_claims_follow_the_hosts_own_settings(world: World) -> None:
    assert "department" not in (await world.get("/.pomerium/user", OTHER, **await world.sign_in(OTHER))).json()
    assert "department" in (await world.get("/.pomerium/user", AUTH, **await world.sign_in(AUTH))).json()


async def test_holds_no_token(world: World) -> None:
    headers = await world.sign_in()
    answer = await world.get("/.pomerium/user", **headers)
    for secret in ("the-id-token", "the-refresh-token", headers["cookie"].partition("=")[2]):
        assert secret not in answer.text


async def test_a_stranger_is_refused_in_their_own_form(world: World) -> None:
    page = await world.get("/.pomerium/user")
    told = await world.get("/.pomerium/user", accept="application/json", **{"sec-fetch-mode": "cors"})
    assert page.status_code == told.status_code == 401
    assert page.headers["content-type"].startswith("text/html")
    assert told.json()["login_url"] == f"https://{APP}:8443/.pomerium/?sign_in"
    assert told.headers["www-authenticate"] == f'Bearer realm="{APP}"'


async def test_an_ambiguous_cookie_is_no_cookie(world: World) -> None:
    one, two = (await world.sign_in())["cookie"], (await world.sign_in())["cookie"]
    for cookies in (f"{one}; {two}", f"{two}; {one}", f"{COOKIE}=x; {one}", f"{one}; {COOKIE}="):
        assert (await world.get("/.pomerium/user", cookie=cookies)).status_code == 401


async def test_a_user_without_sub_is_404(world: World) -> None:
    headers = await world.sign_in(user=User(ISSUER, ""))
    assert (await world.get("/.pomerium/user", **headers)).status_code == 404


@pytest.mark.parametrize("name", ["\ud800", "安娜", "</script>", "\x00"])
async def test_any_text_survives(world: World, name: str) -> None:
    answer = await world.get("/.pomerium/user", **await world.sign_in(user=User(ISSUER, "x", name=name)))
    assert json.loads(answer.content)["name"] == name
    assert answer.content.isascii()
