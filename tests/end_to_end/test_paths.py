"""Path, host and scheme tricks: policy, route and upstream see one and the same request, or there is none."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.raw_http import get_raw
from tests.harness.stack import APP, OTHER, PUBLIC, Stack, running_stack

MIXED = "mixed.localhost"

# Everything under /public is open, everything else on the host is Alice's.
ROUTES: list[dict[str, Any]] = [
    {
        "from": f"https://{MIXED}:{{port}}",
        "prefix": "/public/",
        "to": "{app}",
        "allow_public_unauthenticated_access": True,
    },
    {
        "from": f"https://{MIXED}:{{port}}",
        "path": "/status",
        "to": "{app}",
        "allow_public_unauthenticated_access": True,
    },
    {"from": f"https://{MIXED}:{{port}}", "to": "{other}", "allowed_users": ["alice"]},
]

TO_ADMIN = [
    "/public/../admin",
    "/public/%2e%2e/admin",
    "/public/.%2e/admin",
    "/public/%2E%2E/admin",
    "/public/..;/admin",
    "/public/..;x=y/admin",
    "/public/%2e%2e;/admin",
    "/./admin",
    "/public/./../admin",
    "/public//../../admin",
    "/public%2f..%2fadmin",
    "/public%2F..%2Fadmin",
    "/public/..%2fadmin",
    "/public/..%5cadmin",
    "/public/..\\admin",
    "/public\\..\\admin",
    "/public/%252e%252e/admin",
    "/public/..%252fadmin",
    "/public/%c0%ae%c0%ae/admin",
    "//admin/secret",
    "///admin",
    "/\\/admin",
    "//public/../admin",
    "/status/../admin",
    "/status/",
    "/status;x",
    "/status%3f",
    "/status%2f",
    "/STATUS",
    "/admin?x=/public/",
    "/admin?x=/status",
    "/admin;x=/public/",
    "/admin#/public/",
    "/public",
    "/publicity",
]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("mixed"), routes=ROUTES) as running:
        yield running


@pytest.mark.parametrize("path", TO_ADMIN)
def test_no_spelling_leads_a_stranger_to_the_protected_part(mixed: Stack, path: str) -> None:
    mixed.app.clear()
    mixed.other.clear()
    answer = mixed.raw(APP, get_raw(MIXED, path))
    assert mixed.other.requests == []
    for request in mixed.app.requests:
        # Whatever the open route let through still lies under it when the application resolves it.
        target = request.target.partition("?")[0]
        assert target.startswith("/public/") or target == "/status", request.target
        assert not any(part in target.lower() for part in ("..", "%2e%2e", ";", "%2f", "%5c", "\\", "%25", "%c0"))
    assert answer.status != 200 or mixed.app.requests


@pytest.mark.parametrize(
    "path", ["/public/a", "/public/a%20b", "/public/a.b", "/status", "/status?x=/admin", "/public/"]
)
def test_the_open_part_stays_open(mixed: Stack, path: str) -> None:
    mixed.app.clear()
    assert mixed.raw(APP, get_raw(MIXED, path)).status == 200
    assert mixed.app.last().target == path


@pytest.mark.parametrize("target", ["http://{host}/admin", "https://{host}/admin", "{host}/admin", "*", "admin"])
def test_other_forms_of_the_request_target(mixed: Stack, target: str) -> None:
    mixed.other.clear()
    answer = mixed.raw(APP, get_raw(MIXED, target.format(host=MIXED)))
    assert answer.status != 200
    assert mixed.other.requests == []


@pytest.mark.parametrize(
    "host", ["OTHER.localhost", "Other.LocalHost", "other.localhost.", "other.localhost:443", "other.localhost:8443"]
)
def test_no_spelling_of_a_host_finds_a_laxer_rule(stack: Stack, host: str) -> None:
    answer = stack.raw(OTHER, get_raw(host, "/"))
    assert answer.status in {401, 404}
    assert stack.other.requests == []
    assert stack.app.requests == []


@pytest.mark.parametrize(
    "host", ["a;for=1.2.3.4,b", "other.localhost@public.localhost", "public.localhost, other.localhost", "unknown", ""]
)
def test_a_host_that_is_none_is_refused(stack: Stack, host: str) -> None:
    answer = stack.raw(PUBLIC, get_raw(host, "/"))
    assert answer.status in {400, 404, None}
    assert stack.app.requests == []


def test_the_policy_follows_the_host_and_not_the_server_name_of_the_connection(stack: Stack) -> None:
    answer = stack.raw(PUBLIC, get_raw(OTHER, "/"))
    assert answer.status in {401, 421}
    assert stack.other.requests == []


MALFORMED = {
    "control character in the path": b"GET /a\tb HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: {host}\r\nHost: other.localhost\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "length and chunks": (
        b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "space before the colon": b"GET / HTTP/1.1\r\nHost: {host}\r\nX-A : 1\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: {host}\r\nX-A: a\x00b\r\n\r\n",
    "raw byte in the path": b"GET /caf\xff HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_http_gets_400(stack: Stack, data: bytes) -> None:
    answer = stack.raw(PUBLIC, data.replace(b"{host}", PUBLIC.encode()))
    assert answer.status in {400, None}
    assert stack.app.requests == []


def test_a_folded_header_arrives_unfolded(stack: Stack) -> None:
    """A proxy may refuse obs-fold or replace it by a space (RFC 9112 section 5.2); Envoy does the latter."""
    stack.raw(PUBLIC, f"GET / HTTP/1.1\r\nHost: {PUBLIC}\r\nX-A: 1\r\n X-Email: 2\r\n\r\n".encode())
    assert stack.app.last().value("x-a") == "1 X-Email: 2"
    assert stack.app.last().value("x-email") == ""


@pytest.mark.parametrize("path", ["/.pomerium/user", "//.pomerium/user", "/x/../.pomerium/user", "/.pomerium//user"])
def test_no_route_shadows_our_endpoints(stack: Stack, path: str) -> None:
    answer = stack.raw(PUBLIC, get_raw(PUBLIC, path, "Accept: application/json"))
    assert answer.status == 401
    assert stack.app.requests == []


def test_keys_are_found_at_the_spelling_with_two_slashes(stack: Stack) -> None:
    answer = stack.raw(PUBLIC, get_raw(PUBLIC, "//.well-known/pomerium/jwks.json"))
    assert answer.status == 200
    assert b'"kty"' in answer.body
    assert b'"d"' not in answer.body
