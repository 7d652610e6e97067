"""HTTP/3: whatever holds over TCP holds over QUIC, too, through the whole of it and with a client that is not ours."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

import pytest
from aioquic.tls import SessionTicket

from tests.end_to_end.assertions import ASSERTION, assertion_of, verified_claims
from tests.harness.http3 import Http3Client, http3
from tests.harness.identity_provider import ALICE
from tests.harness.stack import APP, AUTHENTICATE, PUBLIC, Stack, running_stack

pytestmark = pytest.mark.end_to_end

NAVIGATION = (("accept", "text/html"), ("sec-fetch-mode", "navigate"))
FORGED = "FORGED"


@pytest.fixture(scope="module")
def _quic_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("http3"), settings={"codec_type": "http3"}) as running:
        yield running


@pytest.fixture
def stack(_quic_stack: Stack) -> Stack:
    _quic_stack.app.clear()
    _quic_stack.other.clear()
    return _quic_stack


def connection(
    stack: Stack, host: str = APP, tickets: list[SessionTicket] | None = None
) -> AbstractAsyncContextManager[Http3Client]:
    return http3(stack.port, host, stack.certificate.authority, tickets=tickets)


def authority(stack: Stack, host: str) -> str:
    return f"{host}:{stack.port}"


def cookie_of_alice(stack: Stack) -> tuple[str, str]:
    """Signed in over TCP, as a browser is that learns of HTTP/3 from the answer."""
    with stack.signed_in(ALICE, APP) as client:
        return ("cookie", client.jar.header(stack.url(APP), 0) or "")


def test_answers_over_tcp_tell_of_it(stack: Stack) -> None:
    with stack.program() as program:
        for url in (stack.url(PUBLIC), stack.url(APP), stack.url(AUTHENTICATE)):
            assert program.get(url).headers.get_list("alt-svc") == [f'h3=":{stack.port}"; ma=86400'], url


async def test_a_stranger_is_sent_to_sign_in(stack: Stack) -> None:
    async with connection(stack) as client:
        answer = await client.ask(authority(stack, APP), "/report?year=2026", *NAVIGATION)
        program = await client.ask(authority(stack, APP), "/api", ("accept", "application/json"))
    assert answer.status == HTTPStatus.FOUND
    assert answer.values("location")[0].startswith(stack.url(AUTHENTICATE, "/.pomerium/sign_in?"))
    assert answer.values("x-pomerium-intercepted-response") == ["true"]
    assert program.status == HTTPStatus.UNAUTHORIZED
    assert json.loads(program.body)["request_id"]
    assert stack.app.requests == []


async def test_whoever_is_signed_in_is_let_through_and_vouched_for(stack: Stack) -> None:
    cookie = await asyncio.to_thread(cookie_of_alice, stack)
    stack.app.clear()
    async with connection(stack) as client:
        answer = await client.ask(authority(stack, APP), "/report?a=1", cookie, ("cookie", "theme=dark"))
    assert answer.status == HTTPStatus.OK
    request = stack.app.last()
    assert request.target == "/report?a=1"
    assert request.value("cookie") == "theme=dark"
    claims = await asyncio.to_thread(verified_claims, stack, assertion_of(request), APP)
    assert claims["email"] == ALICE.email


async def test_nothing_forged_arrives(stack: Stack) -> None:
    names = ["x-pomerium-jwt-assertion", "x-pomerium-claim-email", "x-email", "x-forwarded-user", "x-real-ip"]
    names += ["x-forwarded-host", "x-envoy-original-path", "forwarded", "impersonate-user", "x-forwarded-prefix"]
    async with connection(stack, PUBLIC) as client:
        answer = await client.ask(authority(stack, PUBLIC), "/", *((name, FORGED) for name in names for _ in range(2)))
        underscores = await client.ask(authority(stack, PUBLIC), "/", ("x_pomerium_jwt_assertion", FORGED))
    assert answer.status == HTTPStatus.OK
    (request,) = stack.app.requests
    assert ASSERTION in request.folded_names()
    assert FORGED not in request.head.decode("latin-1")
    assert request.value("x-forwarded-proto") == "https"
    assert underscores.status is None, "the stream is reset"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("/a/../x", "/x"),
        ("/a/%2e%2e/x", "/x"),
        ("//x", "/x"),
        ("/a\\..\\x", "/x"),
        ("/a%2f..%2fx", None),
        ("/a/%2e%2e;/x", None),
    ],
)
async def test_there_is_one_spelling_of_a_path(stack: Stack, written: str, meant: str | None) -> None:
    async with connection(stack, PUBLIC) as client:
        answer = await client.ask(authority(stack, PUBLIC), written)
    assert answer.status == (HTTPStatus.BAD_REQUEST if meant is None else HTTPStatus.OK)
    assert [request.target for request in stack.app.requests] == ([] if meant is None else [meant])


async def test_the_policy_is_that_of_the_host(stack: Stack) -> None:
    """One connection, opened for a public host (RFC 9114 section 3.3)."""
    async with connection(stack, PUBLIC) as client:
        answers = [await client.ask(host) for host in (PUBLIC, APP, APP.upper(), f"{APP}.", "nobody.localhost")]
    assert [answer.status for answer in answers] == [200, 401, 401, 401, 404]
    assert len(stack.app.requests) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {":method": "TRACE"},
        {":method": "CONNECT"},
        {":method": "CONNECT", ":protocol": "websocket"},
        {":scheme": "http"},
        {":path": "app.localhost/x"},
        {":path": ""},
        {":authority": "app.localhost,public.localhost"},
    ],
    ids=str,
)
async def test_what_means_something_else_opens_nothing(stack: Stack, changed: dict[str, str]) -> None:
    head = {":method": "GET", ":scheme": "https", ":authority": APP, ":path": "/"} | changed
    async with connection(stack, PUBLIC) as client:
        answer = await client.send(list(head.items()))
    assert answer.status is None or answer.status >= 400
    assert stack.app.requests == []


async def test_a_connection_has_bounds(stack: Stack) -> None:
    async with connection(stack, PUBLIC) as client:
        await client.ask(authority(stack, PUBLIC))
        assert client.stream_window == 64 * 1024


async def test_nothing_is_taken_before_the_handshake_is_over(stack: Stack) -> None:
    """Early data could be sent once more by whoever recorded it (RFC 8470): tickets do not allow it."""
    tickets: list[SessionTicket] = []
    async with connection(stack, PUBLIC, tickets=tickets) as client:
        await client.ask(authority(stack, PUBLIC))
    assert tickets
    assert not any(ticket.max_early_data_size for ticket in tickets)


async def test_a_host_beside_the_authority_opens_nothing(stack: Stack) -> None:
    """The two must not differ (RFC 9114 section 4.3.1), or two servers could take a request for two hosts."""
    async with connection(stack, PUBLIC) as client:
        for asked, beside in ((PUBLIC, APP), (APP, PUBLIC)):
            head = [(":method", "GET"), (":scheme", "https"), (":authority", asked), (":path", "/"), ("host", beside)]
            assert (await client.send(head)).status is None, "the stream is reset"
    assert stack.app.requests == []


async def test_crumbs_of_a_cookie_are_put_together(stack: Stack) -> None:
    """Each cookie may be a field of its own (RFC 9114 section 4.2.1); a session twice is still ambiguous."""
    session = cookie_of_alice(stack)
    stack.app.clear()
    async with connection(stack) as client:
        answers = [
            await client.ask(authority(stack, APP), "/", *crumbs)
            for crumbs in ((("cookie", "a=1"), session, ("cookie", "b=2")), (session, session))
        ]
    assert [answer.status for answer in answers] == [200, 401]
    (request,) = stack.app.requests
    assert request.value("cookie") == "a=1; b=2"
