"""The way of a sign-in through the endpoints. What each step decides is tested with the use cases."""

from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from access_model.model import IdentityProvider
from session_store.records import Selection
from tests.extauthz.web.world import APP, AUTH, COOKIE, FORM, ISSUER, World, a_model

MALFORMED_CALLBACKS = {
    "nothing": "",
    "only a code": "code=x",
    "only a state": "state=x",
    "an error": "error=access_denied",
    "a hostile error": urlencode({"error": "x", "error_description": "<img src=x onerror=alert(1)>", "state": "x"}),
    "state twice": "state=x&state=x&code=y",
    "code twice": "state=x&code=y&code=y",
    "a state array": "state[]=x&code=y",
    "64 kB of state": "code=y&state=" + "s" * 65000,
    "64 kB of code": "state=x&code=" + "c" * 65000,
    "a thousand parameters": "&".join(f"a{number}=1" for number in range(1000)),
    "bytes that are no text": "state=%ff%fe&code=%c3%28",
    "a NUL": "state=%00&code=%00",
}


@pytest.mark.parametrize("query", MALFORMED_CALLBACKS.values(), ids=MALFORMED_CALLBACKS.keys())
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_callback_nobody_asked_for_is_a_400_page(world: World, method: str, query: str) -> None:
    if method == "GET":
        answer = await world.get(f"/oauth2/callback?{query}", AUTH)
    else:
        answer = await world.send("POST", "/oauth2/callback", AUTH, FORM, query)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "set-cookie" not in answer.headers
    assert "<img" not in answer.text
    assert (await world.get("/ping", AUTH)).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
async def test_only_a_form_is_read(world: World, kind: str) -> None:
    answer = await world.send("POST", "/oauth2/callback", AUTH, {**FORM, "content-type": kind}, "state=x&code=y")
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/.pomerium/sign_in", "/.pomerium/callback/"])
@pytest.mark.parametrize("query", ["", "?pomerium_redirect_uri=https://evil.example/", "?pomerium_signature=x"])
async def test_a_link_that_is_not_ours_is_a_400_page(world: World, path: str, query: str) -> None:
    answer = await world.get(path + query, AUTH)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil.example" not in answer.text


async def test_a_session_at_the_authenticate_host_opens_the_application(world: World) -> None:
    browser = await world.sign_in(AUTH)
    begun = await world.get("/.pomerium/?sign_in")
    binding = begun.headers["set-cookie"].partition(";")[0]
    opened = await follow(world, begun, **browser)
    assert urlsplit(opened.headers["location"]).path == "/.pomerium/callback/"
    landed = await follow(world, opened, cookie=binding)
    assert landed.headers["location"] == f"https://{APP}:8443/.pomerium/"
    issued, ended = landed.headers.get_list("set-cookie")
    assert issued.startswith(f"{COOKIE}=")
    assert "Secure; HttpOnly; SameSite=Lax" in issued
    assert ended.startswith(binding.partition("=")[0] + "=; ")
    assert "Alice" in (await world.get("/.pomerium/", cookie=issued.partition(";")[0])).text


async def test_a_tampered_link_is_refused(world: World) -> None:
    browser = await world.sign_in(AUTH)
    link = (await world.get("/.pomerium/?sign_in")).headers["location"]
    query = urlsplit(link).query
    for changed in (query.replace("app.example", "other.example"), f"{query}&x=1", query[:-1]):
        answer = await world.get(f"/.pomerium/sign_in?{changed}", AUTH, **browser)
        assert answer.status_code == 400, changed


async def test_a_stranger_goes_on_to_the_provider(world: World) -> None:
    answer = await follow(world, await world.get("/.pomerium/?sign_in"))
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{ISSUER}/authorize?")
    assert answer.headers["set-cookie"].startswith("__Host-pomerium_state_")


async def test_forwarded_headers_change_nothing_of_what_the_provider_is_asked(world: World) -> None:
    forged = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "x-forwarded-prefix": "/evil"}
    answer = await follow(world, await world.get("/.pomerium/?sign_in", **forged), **forged)
    assert httpx.URL(answer.headers["location"]).params["redirect_uri"] == f"https://{AUTH}:8443/oauth2/callback"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_providers_answer_becomes_a_session_which_is_logged_without_secrets(
    world: World, method: str
) -> None:
    asked = await follow(world, await world.get("/.pomerium/?sign_in"))
    question, state_cookie = httpx.URL(asked.headers["location"]).params, asked.headers["set-cookie"].partition(";")[0]
    answer = urlencode({"state": question["state"], "code": question["nonce"]})
    with capture_logs() as lines:
        if method == "GET":
            done = await world.get(f"/oauth2/callback?{answer}", AUTH, cookie=state_cookie)
        else:
            done = await world.send("POST", "/oauth2/callback", AUTH, {**FORM, "cookie": state_cookie}, answer)
    issued = done.headers["set-cookie"].partition(";")[0]
    assert urlsplit(done.headers["location"]).path == "/.pomerium/sign_in"
    assert (await world.get("/.pomerium/user", AUTH, cookie=issued)).json()["sub"] == "alice"
    (line,) = lines
    assert (line["event"], line["user"], line["issuer"], line["request_id"]) == ("sign_in", "alice", ISSUER, "req-1")
    for secret in (issued.partition("=")[2], question["state"], question["nonce"], "eyJ"):
        assert secret not in repr(lines)


async def test_a_session_remembers_the_browser_and_the_address_of_its_sign_in_alone(world: World) -> None:
    firefox = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"}
    here = {**firefox, "x-envoy-external-address": "2001:db8::7"}
    asked = await follow(world, await world.get("/.pomerium/?sign_in"))
    question, state_cookie = httpx.URL(asked.headers["location"]).params, asked.headers["set-cookie"].partition(";")[0]
    answer = urlencode({"state": question["state"], "code": question["nonce"]})
    done = await world.send("GET", f"/oauth2/callback?{answer}", AUTH, {**here, "cookie": state_cookie})
    issued = done.headers["set-cookie"].partition(";")[0]
    for later in (here, {"user-agent": "curl/8", "x-envoy-external-address": "192.0.2.1"}):
        await world.get("/.pomerium/user", AUTH, cookie=issued, **later)
        (known,) = await world.store.select_sessions(Selection(), world.now)
        assert (known.session.device, known.session.address) == ("Firefox on Linux", "2001:db8::7")


async def test_what_does_not_go_on_is_logged_once_without_secrets(world: World) -> None:
    with capture_logs() as lines:
        await world.get("/oauth2/callback?state=a-secret-state&code=a-secret-code", AUTH)
    (line,) = lines
    assert (line["event"], line["request_id"], line["host"]) == ("sign_in_refused", "req-1", AUTH)
    assert (line["reason"], line["status"]) == ("state-missing", 400)
    assert "a-secret" not in repr(lines)


async def follow(world: World, redirect: httpx.Response, **headers: str) -> httpx.Response:
    """Go where a redirect leads, as Envoy passes it on: the port stays outside."""
    url = urlsplit(redirect.headers["location"])
    assert url.hostname is not None
    return await world.get(f"{url.path}?{url.query}", url.hostname, **headers)


async def test_people_choose_among_several_providers(world: World) -> None:
    partners = IdentityProvider("partners", "oidc", "https://p.example", "x", None, ("openid",), title="P & <b>Co</b>")
    world.model = a_model(named_providers=(partners,))
    begun = urlsplit((await world.get("/.pomerium/?sign_in")).headers["location"])
    page = await world.get(f"{begun.path}?{begun.query}", AUTH)
    assert page.status_code == 200
    assert "P &amp; &lt;b&gt;Co&lt;/b&gt;" in page.text
    assert "id.example.com" in page.text
    assert page.text.count("/.pomerium/sign_in?") == 2
