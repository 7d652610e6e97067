"""What holds for every answer: hosts, headers, heads, and that failing ends in a page."""

import re

import httpx
import pytest
from structlog.testing import capture_logs

from extauthz.web import app as application
from session_store.repository import StoreUnavailable
from tests.extauthz.web.world import APP, AUTH, World

EVERYWHERE = [
    "/ping",
    "/.well-known/pomerium",
    "/.well-known/pomerium/jwks.json",
    "/.pomerium",
    "/.pomerium/",
    "/.pomerium/user",
    "/.pomerium/jwt",
    "/.pomerium/callback/",
    "/.pomerium/join",
    "/.pomerium/sign_out",
    "/.pomerium/api/v1/login",
    "/.pomerium/api/v1/routes",
    "/.pomerium/routes",
    "/.pomerium/sessions",
    "/.pomerium/nothing",
]
AT_AUTHENTICATE = [
    "/",
    "/robots.txt",
    "/.pomerium/sign_in",
    "/.pomerium/signed_out",
    "/.pomerium/jwks.json",
    "/oauth2/callback",
    "/oauth2/callback/partners",
]
POSTED = ["/.pomerium/backchannel_logout"]
ALL = [(host, path) for host, paths in ((APP, EVERYWHERE), (AUTH, EVERYWHERE + AT_AUTHENTICATE)) for path in paths]


@pytest.mark.parametrize(("host", "path"), ALL)
async def test_every_answer_carries_the_security_headers(world: World, host: str, path: str) -> None:
    headers = (await world.get(path, host)).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-pomerium-intercepted-response"] == "true"
    assert headers["cache-control"] == ("max-age=60" if path.endswith("jwks.json") else "no-store")


@pytest.mark.parametrize(("host", "path"), ALL)
async def test_a_head_is_answered_like_a_get_without_the_body(world: World, host: str, path: str) -> None:
    got, head = await world.get(path, host), await world.send("HEAD", path, host)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert set(head.headers) == set(got.headers)


@pytest.mark.parametrize("path", AT_AUTHENTICATE)
async def test_the_authenticate_hosts_own_paths_are_nobody_elses(world: World, path: str) -> None:
    assert (await world.get(path, APP)).status_code == 404


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.{APP}", f"{APP}.evil.example", "a;for=1.2.3.4,b", f"user@{APP}", "[::1]", f"{APP}:99999"],
)
async def test_a_host_that_is_not_served_is_404(world: World, host: str) -> None:
    for path in EVERYWHERE:
        answer = await world.client.get(f"http://127.0.0.1{path}", headers={"host": host})
        assert answer.status_code == 404, path
        assert "evil.example" not in answer.text


async def test_two_host_headers_are_404(world: World) -> None:
    answer = await world.client.get(f"http://{APP}/ping", headers=[("host", APP), ("host", APP)])
    assert answer.status_code == 404


@pytest.mark.parametrize("host", [APP.upper(), f"{APP}.", f"{APP}:443", f"{APP}.:8443"])
async def test_spellings_of_a_host_are_that_host(world: World, host: str) -> None:
    assert (await world.client.get("http://127.0.0.1/ping", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("path", ["/ping/", "/.pomerium/user/", "/.pomerium/sign_out/"])
async def test_no_slash_is_mended_with_a_redirect(world: World, path: str) -> None:
    assert (await world.get(path)).status_code == 404


async def test_refusals_speak_the_clients_language(world: World) -> None:
    page = await world.get("/.pomerium/nothing")
    told = await world.get("/.pomerium/nothing", accept="application/json", **{"sec-fetch-mode": "cors"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "req-1" in page.text
    assert told.json() == {"error": "no-such-page", "request_id": "req-1"}


@pytest.mark.parametrize("path", ["/.pomerium/", "/.pomerium/user", "/.pomerium/sign_out"])
async def test_a_store_that_is_gone_is_a_503_page(world: World, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    headers = await world.sign_in()

    async def gone(*_: object) -> None:
        raise StoreUnavailable("the file is gone")

    monkeypatch.setattr(type(world.store), "find_by_handle", gone)
    with capture_logs() as lines:
        answer = await world.get(path, **headers)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "set-cookie" not in answer.headers
    assert "the file is gone" not in answer.text
    assert [line["event"] for line in lines] == ["store_unavailable"]


async def test_an_accident_is_a_500_page_with_the_request_id_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = await world.sign_in()

    async def broken(*_: object) -> None:
        raise RuntimeError("the innermost detail")

    monkeypatch.setattr(type(world.store), "find_by_handle", broken)
    with capture_logs() as lines:
        answer = await world.get("/.pomerium/user", **headers)
    assert answer.status_code == 500
    assert "req-1" in answer.text
    assert "innermost" not in answer.text
    assert "Traceback" not in answer.text
    (line,) = lines
    assert (line["event"], line["request_id"]) == ("endpoint_failed", "req-1")
    assert repr(line["exc_info"]) == "RuntimeError('the innermost detail')"
    assert (await world.get("/ping")).status_code == 200


@pytest.mark.parametrize("presented", ["", "x" * 129, "<script>", "a\tb"])
async def test_a_request_id_that_cannot_be_one_is_replaced(world: World, presented: str) -> None:
    answer = await world.get("/.pomerium/nothing", **{"x-request-id": presented})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_each_page_has_its_own_nonce(world: World) -> None:
    pages = [await world.get("/.pomerium/") for _ in range(2)]
    policies = {page.headers["content-security-policy"] for page in pages}
    assert len(policies) == 2
    for page in pages:
        assert f'<style nonce="{_nonce(page)}">' in page.text


def _nonce(page: httpx.Response) -> str:
    match = re.search("'nonce-([^']+)'", page.headers["content-security-policy"])
    assert match is not None
    return match[1]


def test_the_endpoints_listed_here_are_all_there_are() -> None:
    paths = {route.path for route in (*application._everywhere(), *application._at_authenticate())}
    assert paths <= {
        *EVERYWHERE,
        *AT_AUTHENTICATE,
        *POSTED,
        "/healthz",
        "/.well-known/pomerium/",
        "/oauth2/callback/{provider}",
    }
