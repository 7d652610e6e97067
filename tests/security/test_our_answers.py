"""Every answer that is ours, through Envoy: never kept by a cache, never a header or markup of the client's making."""

from http import HTTPStatus
from urllib.parse import quote

import httpx
import pytest

from tests.harness.identity_provider import ALICE, BOB
from tests.harness.raw_http import RawResponse, get_raw
from tests.harness.stack import APP, AUTHENTICATE, OTHER, PUBLIC, Stack
from tests.harness.web_client import login

OURS = [
    (APP, "/"),
    (APP, "/robots.txt"),
    (APP, "/.pomerium"),
    (APP, "/.pomerium/"),
    (APP, "/.pomerium/?sign_in"),
    (APP, "/.pomerium/user"),
    (APP, "/.pomerium/jwt"),
    (APP, "/.pomerium/routes"),
    (APP, "/.pomerium/callback/"),
    (APP, "/.pomerium/sign_out"),
    (APP, "/.pomerium/api/v1/login"),
    (APP, "/.pomerium/nothing"),
    (APP, "/.well-known/pomerium"),
    (APP, "/ping"),
    (APP, "/%61"),
    (APP, "/a%2fb"),
    (APP, "/.%2e;/x"),
    (AUTHENTICATE, "/"),
    (AUTHENTICATE, "/.pomerium/sign_in"),
    (AUTHENTICATE, "/.pomerium/signed_out"),
    (AUTHENTICATE, "/oauth2/callback"),
    (AUTHENTICATE, "/oauth2/callback?error=access_denied&state=x"),
    (AUTHENTICATE, "/.pomerium/backchannel_logout"),
    ("nobody.localhost", "/"),
]
CLIENTS = {
    "browser": ["Accept: text/html", "Sec-Fetch-Mode: navigate"],
    "program": ["Accept: application/json"],
    "gRPC": ["Content-Type: application/grpc", "TE: trailers"],
    "gRPC-web": ["Content-Type: application/grpc-web-text"],
    "kubectl": ["User-Agent: kubernetes/v1"],
}


@pytest.mark.parametrize("headers", CLIENTS.values(), ids=CLIENTS.keys())
def test_no_cache_keeps_it(stack: Stack, headers: list[str]) -> None:
    for host, path in OURS:
        answer = stack.raw(APP, get_raw(host, path, *headers))
        assert answer.values("cache-control") == ["no-store"], (host, path, answer)


def test_nor_what_is_said_to_who_is_signed_in(stack: Stack) -> None:
    with stack.client() as client:
        login(client, stack.url(OTHER), BOB.email, BOB.password)
        client.get(stack.url(APP, "/.pomerium/"))
        for path in ("/", "/.pomerium/", "/.pomerium/user", "/.pomerium/sign_out"):
            client.get(stack.url(OTHER, path), headers={"sec-fetch-site": "cross-site"}, follow=False)
        ours = [one for one in client.history if _is_ours(stack, one)]
    assert len(ours) > 8
    for answer in ours:
        assert answer.headers.get_list("cache-control") == ["no-store"], answer.url


INJECTIONS = [
    "\r\nX-Injected: 1\r\n\r\n<b>",
    "\nX-Injected: 1",
    "\rX-Injected: 1",
    "\u560a\u560dX-Injected: 1",
    '"><b>',
    "\x00",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_nothing_that_is_repeated_breaks_out(stack: Stack, text: str) -> None:
    """Path, query and parameters come back in redirects, pages, JSON, challenges and the log."""
    sent = quote(text)
    targets = [f"/{sent}", f"/?a={sent}", f"/.pomerium/{sent}", f"/.pomerium/sign_out?state={sent}&x={sent}"]
    callbacks = [f"/oauth2/callback?error={sent}&error_description={sent}&state={sent}", f"/oauth2/callback?{sent}"]
    for host, paths in ((APP, targets), (AUTHENTICATE, callbacks)):
        for path in paths:
            for headers in CLIENTS.values():
                _unbroken(stack.raw(APP, get_raw(host, path, *headers)))
    assert stack.app.requests == []


@pytest.mark.parametrize(
    "name", ["X-Request-Id", "Origin", "Referer", "User-Agent", "Accept", "Cookie", "Content-Type"]
)
def test_nor_does_a_header(stack: Stack, name: str) -> None:
    for value in ('"><b>x', "a: b; c=d", "<script>alert(1)</script>", "%0d%0aX-Injected: 1", "\xff\xfe"):
        for path in ("/", "/.pomerium/", "/.pomerium/sign_out", "/%61", "/a%2fb"):
            _unbroken(stack.raw(APP, get_raw(APP, path, "Accept: text/html", f"{name}: {value}")))


def test_an_application_is_not_answered_for(stack: Stack) -> None:
    """Our headers stay on our answers: what an application lets be cached is its own affair."""
    answer = stack.raw(PUBLIC, get_raw(PUBLIC, "/"))
    assert answer.status == HTTPStatus.OK
    assert answer.values("cache-control") == []
    assert answer.values("x-pomerium-intercepted-response") == []


def test_the_operations_listener_tells_no_secret_and_takes_no_orders(stack: Stack) -> None:
    socket = stack.ostiary.config_file.with_name("run.sock")
    key = stack.certificate.key.read_text().splitlines()[1]
    with stack.signed_in(ALICE, APP) as client:
        cookie = (client.jar.header(stack.url(APP), 0) or "").partition("=")[2]
    secrets = [
        key,
        cookie,
        *(str(stack.config[name]) for name in ("shared_secret", "cookie_secret", "idp_client_secret")),
    ]
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://operations") as operator:
        for path in ("/startupz", "/readyz", "/healthz", "/status", "/metrics", "/xds"):
            answer = operator.get(path)
            assert answer.status_code == HTTPStatus.OK, path
            assert not [secret for secret in secrets if secret in answer.text], path
            for method in ("POST", "PUT", "DELETE", "PATCH"):
                assert operator.request(method, path).status_code == HTTPStatus.METHOD_NOT_ALLOWED
        for path in ("/debug/pprof/", "/quitquitquit", "/config_dump", "/docs", "/openapi.json", "/.pomerium/"):
            assert operator.get(path).status_code == HTTPStatus.NOT_FOUND


def _is_ours(stack: Stack, answer: httpx.Response) -> bool:
    return not str(answer.url).startswith(stack.provider.issuer)


def _unbroken(answer: RawResponse) -> None:
    assert answer.status is not None
    assert "x-injected" not in {name.lower() for name, _ in answer.headers}
    assert b"<b>" not in answer.body
    assert b"<script" not in answer.body
    assert all(value.isprintable() for _, value in answer.headers)
