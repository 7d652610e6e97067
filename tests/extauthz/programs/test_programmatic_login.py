"""A program asks for a link, its user opens it, and the program gets a credential for that host."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.extauthz.web.world import APP, AUTH, ISSUER, NOW, OTHER, World, a_model

LOGIN = "/.pomerium/api/v1/login"
LISTENER = "http://localhost:8000/"
PROGRAM = {"accept": "*/*"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.close()


async def ask(world: World, target: str = LISTENER, host: str = APP) -> httpx.Response:
    return await world.get(f"{LOGIN}?{urlencode({'pomerium_redirect_uri': target})}", host, **PROGRAM)


async def credential(world: World) -> str:
    """Open the link in a browser that is signed in already."""
    headers = await world.sign_in(AUTH)
    link = urlsplit((await ask(world)).text)
    answer = await world.get(f"{link.path}?{link.query}", AUTH, **headers)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{LISTENER}?pomerium_jwt=")
    (value,) = parse_qs(urlsplit(answer.headers["location"]).query)["pomerium_jwt"]
    return value


async def test_the_link_is_signed_and_leads_to_the_authenticate_host(world: World) -> None:
    answer = await ask(world)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith(f"https://{AUTH}:8443/.pomerium/sign_in?")
    params = parse_qs(urlsplit(answer.text).query)
    assert params["pomerium_redirect_uri"] == [LISTENER]
    assert params["pomerium_is_programmatic"] == ["true"]
    assert "pomerium_signature" in params


@pytest.mark.parametrize("form", ["x-pomerium-authorization: {}", "authorization: Pomerium {}"])
async def test_the_credential_opens_the_host_that_was_asked_and_no_other(world: World, form: str) -> None:
    name, _, value = form.format(await credential(world)).partition(": ")
    assert (await world.get("/.pomerium/user", APP, **{name: value})).status_code == 200
    assert (await world.get("/.pomerium/user", OTHER, **{name: value})).status_code == 401


async def test_it_ends_with_the_session(world: World) -> None:
    token = await credential(world)
    await world.store.end_sessions(ISSUER, NOW, user_id="alice")
    assert (await world.get("/.pomerium/user", APP, **{"x-pomerium-authorization": token})).status_code == 401


async def test_a_stranger_signs_in_at_the_provider_first(world: World) -> None:
    link = urlsplit((await ask(world)).text)
    answer = await world.get(f"{link.path}?{link.query}", AUTH)
    assert answer.headers["location"].startswith(f"{ISSUER}/authorize?")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    back = {"code": asked["nonce"][0], "state": asked["state"][0]}
    answer = await world.get(f"/oauth2/callback?{urlencode(back)}", AUTH, cookie=cookie)
    session = next(line for line in answer.headers.get_list("set-cookie") if "_pomerium=" in line).partition(";")[0]
    link = urlsplit(answer.headers["location"])
    answer = await world.get(f"{link.path}?{link.query}", AUTH, cookie=session)
    assert answer.headers["location"].startswith(f"{LISTENER}?pomerium_jwt=")


async def test_an_altered_link_is_refused(world: World) -> None:
    headers = await world.sign_in(AUTH)
    link = urlsplit((await ask(world)).text)
    for query in (
        link.query.replace("localhost%3A8000", "evil.example"),
        link.query.replace(f"pomerium_program_host={APP}", f"pomerium_program_host={OTHER}"),
    ):
        assert query != link.query
        assert (await world.get(f"{link.path}?{query}", AUTH, **headers)).status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "",
        "localhost:8000",
        "https://evil.example/",
        "https://localhost.evil.example/",
        "https://evillocalhost/",
        "http://localhost@evil.example/",
        "http://evil.example\\@localhost/",
        "http://localhost:8000\\.evil.example/",
        "http://localhost:8000/#x",
        "//localhost/",
        "javascript:alert(1)//localhost",
        "http://LOCALHOST%2eevil.example/",
        "http://localhost:99999/",
        "http://[::1/",
        "http://127.0.0.2:1/",
        "http://localhost/" + "x" * 3000,
    ],
)
async def test_a_credential_goes_nowhere_else(world: World, target: str) -> None:
    answer = await ask(world, target)
    assert (answer.status_code, answer.text) == (400, "invalid redirect uri\n")


async def test_the_target_is_given_once(world: World) -> None:
    one = urlencode({"pomerium_redirect_uri": LISTENER})
    assert (await world.get(f"{LOGIN}?{one}&{one}", APP, **PROGRAM)).status_code == 400
    assert (await world.get(LOGIN, APP, **PROGRAM)).status_code == 400
    assert (await world.send("POST", f"{LOGIN}?{one}", APP, {"accept": "*/*"})).status_code == 405


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("https://tools.example.com/cb", 200),
        ("https://a.tools.example.com/cb?x=1", 200),
        ("http://tools.example.com/cb", 400),
        ("https://eviltools.example.com/cb", 400),
        ("http://localhost:8000/", 400),
    ],
)
async def test_the_operator_names_the_hosts(world: World, target: str, status: int) -> None:
    world.model = replace(a_model(), programmatic_redirect_domains=("tools.example.com",))
    assert (await ask(world, target)).status_code == status


@pytest.mark.parametrize("target", ["http://127.0.0.1:1", "http://[::1]:8000/x?y=1", "http://app.localhost/"])
async def test_the_users_own_machine_is_fine(world: World, target: str) -> None:
    assert (await ask(world, target)).status_code == 200
