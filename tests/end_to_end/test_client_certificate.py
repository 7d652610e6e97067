"""Client certificates in each mode of enforcement: who gets in, who is told what, and when it is judged."""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.harness.clients import LAPTOP, NOBODY, TRUSTED, UNTRUSTED, Clients, make_clients
from tests.harness.http3 import http3
from tests.harness.identity_provider import ALICE
from tests.harness.loopback import LoopbackTransport, local_tls
from tests.harness.stack import APP, AUTHENTICATE, PUBLIC, Stack, running_stack
from tests.harness.web_client import login

OPEN, LAPTOPS, CERTIFIED, DETAILS = "open.localhost", "laptops.localhost", "certified.localhost", "details.localhost"
POLICIES: dict[str, dict[str, Any]] = {
    OPEN: {"allow": {"or": [{"accept": True}]}},
    LAPTOPS: {"allow": {"or": [{"client_certificate": {"san_dns": LAPTOP}}]}},
    CERTIFIED: {"allow": {"or": [{"accept": True}]}, "deny": {"or": [{"invalid_client_certificate": True}]}},
}
VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
NAVIGATION = {"accept": "text/html", "sec-fetch-mode": "navigate"}


class Lane:
    """A stack in one mode, with everybody's certificates."""

    def __init__(self, stack: Stack, clients: Clients) -> None:
        self.stack = stack
        self.clients = clients

    @contextmanager
    def client(self, who: str, version: str = "TLSv1.3", *, http2: bool = False) -> Iterator[httpx.Client]:
        """A client that shows the certificate of somebody."""
        context = local_tls(self.stack.certificate.authority)
        context.minimum_version = context.maximum_version = VERSIONS[version]
        if who != NOBODY:
            context.load_cert_chain(self.clients.files[who])
        with httpx.Client(transport=LoopbackTransport(context, http2=http2), timeout=15) as client:
            yield client

    def status(self, who: str, host: str, version: str = "TLSv1.3") -> int | None:
        """The status that somebody gets; None if there is no connection."""
        with self.client(who, version) as client:
            try:
                return client.get(self.stack.url(host)).status_code
            except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError):
                return None

    async def http3_statuses(self, who: str, *hosts: str) -> list[int | None]:
        """The same for several hosts, on one connection of HTTP/3."""
        file = None if who == NOBODY else self.clients.files[who]
        try:
            async with http3(self.stack.port, hosts[0], self.stack.certificate.authority, certificate=file) as client:
                return [(await client.ask(f"{host}:{self.stack.port}")).status for host in hosts]
        except ConnectionError:
            return [None] * len(hosts)

    def revoke(self, *names: str) -> None:
        """Let other certificates be revoked, and wait until that is in force."""
        before = len(self._reloads())
        self.clients.revoke(*names)
        self.stack.ostiary.process.wait_until(lambda: len(self._reloads()) > before, what="the new list")

    def _reloads(self) -> list[Mapping[str, Any]]:
        return [event for event in self.stack.ostiary.events() if event.get("event") == "configuration_reloaded"]


@contextmanager
def running_lane(folder: Path, **enforcement: str) -> Iterator[Lane]:
    clients = make_clients(folder)
    routes: list[dict[str, Any]] = [
        {"from": f"https://{host}:{{port}}", "to": "{app}", "policy": policy} for host, policy in POLICIES.items()
    ]
    routes.append({**routes[-1], "from": f"https://{DETAILS}:{{port}}", "show_error_details": True})
    settings = {"downstream_mtls": clients.settings | enforcement, "codec_type": "http3"}
    with running_stack(folder, routes=routes, settings=settings) as stack:
        yield Lane(stack, clients)


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    with running_lane(tmp_path_factory.mktemp("default")) as lane:
        yield lane


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    with running_lane(tmp_path_factory.mktemp("policy"), enforcement="policy") as lane:
        yield lane


@pytest.fixture(scope="module")
def rejecting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    with running_lane(tmp_path_factory.mktemp("rejecting"), enforcement="reject_connection") as lane:
        yield lane


@pytest.mark.parametrize("version", VERSIONS)
def test_by_default_every_route_wants_a_valid_certificate(default: Lane, version: str) -> None:
    default.stack.app.clear()
    everybody = {who: default.status(who, OPEN, version) for who in (*TRUSTED, *UNTRUSTED, NOBODY)}
    assert everybody == dict.fromkeys(TRUSTED, 200) | dict.fromkeys((*UNTRUSTED, NOBODY), 495)
    assert len(default.stack.app.requests) == len(TRUSTED)


@pytest.mark.parametrize("version", VERSIONS)
def test_with_policy_alone_the_policies_decide(policy: Lane, version: str) -> None:
    for who in (*TRUSTED, *UNTRUSTED, NOBODY):
        good = who in TRUSTED
        assert policy.status(who, OPEN, version) == 200, who
        assert policy.status(who, CERTIFIED, version) == (200 if good else 495), who
        named = 403 if who == "phone" else 200
        assert policy.status(who, LAPTOPS, version) == (named if good else 495), who


@pytest.mark.parametrize("version", VERSIONS)
def test_with_reject_connection_there_is_none_without_a_valid_certificate(rejecting: Lane, version: str) -> None:
    everybody = {who: rejecting.status(who, LAPTOPS, version) for who in (*TRUSTED, *UNTRUSTED, NOBODY)}
    assert everybody == {"laptop": 200, "phone": 403, "below": 200} | dict.fromkeys((*UNTRUSTED, NOBODY))


@pytest.mark.parametrize("mode", ["default", "policy", "rejecting"])
async def test_over_http3_everybody_gets_what_they_get_over_tcp(mode: str, request: pytest.FixtureRequest) -> None:
    lane: Lane = request.getfixturevalue(mode)
    for who in ("laptop", "phone", "stranger", "revoked", "deep", NOBODY):
        over_tcp = [await asyncio.to_thread(lane.status, who, host) for host in (OPEN, LAPTOPS)]
        assert await lane.http3_statuses(who, OPEN, LAPTOPS) == over_tcp, who


def test_our_own_pages_are_served_to_everybody(default: Lane) -> None:
    for who in (NOBODY, "stranger"):
        with default.client(who) as client:
            pages = {
                "/ping": client.get(default.stack.url(OPEN, "/ping")).status_code,
                "/.pomerium/": client.get(default.stack.url(APP, "/.pomerium/")).status_code,
                "jwks": client.get(default.stack.url(OPEN, "/.well-known/pomerium/jwks.json")).status_code,
                "authenticate": client.get(default.stack.url(AUTHENTICATE, "/.pomerium/")).status_code,
                "robots": client.get(default.stack.url(OPEN, "/robots.txt")).status_code,
            }
            assert pages == dict.fromkeys(pages, 200)


def test_nobody_is_sent_to_sign_in_before_the_certificate_is_right(default: Lane) -> None:
    for who, status in {NOBODY: 495, "stranger": 495, "laptop": 302}.items():
        with default.client(who) as client:
            assert client.get(default.stack.url(APP), headers=NAVIGATION).status_code == status, who


def test_somebody_signed_in_needs_the_certificate_as_well(default: Lane) -> None:
    with default.stack.client() as browser:
        login(browser, default.stack.url(AUTHENTICATE, "/.pomerium/?sign_in"), ALICE.email, ALICE.password)
        assert ALICE.email in browser.get(default.stack.url(AUTHENTICATE, "/.pomerium/")).text
        refused = browser.get(default.stack.url(APP))
        assert (refused.status_code, "Certificate needed" in refused.text) == (495, True)


def test_the_portal_lists_what_the_certificate_opens(default: Lane) -> None:
    with default.stack.client() as browser:
        login(browser, default.stack.url(AUTHENTICATE, "/.pomerium/?sign_in"), ALICE.email, ALICE.password)
        cookie = {"cookie": browser.jar.header(default.stack.url(AUTHENTICATE), 0) or ""}
    url = default.stack.url(AUTHENTICATE, "/.pomerium/api/v1/routes")
    for who, opens in {NOBODY: False, "deep": False, "laptop": True, "below": True}.items():
        with default.client(who) as client:
            names = {route["name"] for route in client.get(url, headers=cookie).json()["routes"]}
        assert names >= {APP, LAPTOPS, CERTIFIED} if opens else not names, who


@pytest.mark.parametrize("http2", [False, True])
def test_one_connection_carries_one_certificate_to_every_host(default: Lane, http2: bool) -> None:
    for who, status in {"below": 200, "deep": 495}.items():
        with default.client(who, http2=http2) as client:
            answers = [client.get(default.stack.url(OPEN)) for _ in range(2)]
            assert {(answer.status_code, answer.http_version) for answer in answers} == {
                (status, "HTTP/2" if http2 else "HTTP/1.1")
            }


def test_no_header_stands_in_for_a_certificate(policy: Lane) -> None:
    laptop = policy.clients.issued["laptop"].pem
    element = f'Hash=00;Cert="{quote(laptop)}";Chain="{quote(laptop)}";DNS={LAPTOP}'
    forged = {
        "x-forwarded-client-cert": element,
        "client-cert": f":{quote(laptop)}:",
        "x-pomerium-client-certificate": quote(laptop),
    }
    with policy.client(NOBODY) as client:
        assert client.get(policy.stack.url(CERTIFIED), headers=forged).status_code == 495
        assert client.get(policy.stack.url(LAPTOPS), headers=forged).status_code == 495
        policy.stack.app.clear()
        assert client.get(policy.stack.url(OPEN), headers=forged).status_code == 200
        assert not forged.keys() & {name.lower() for name, _ in policy.stack.app.last().headers}


def test_the_refusal_speaks_the_client_s_language(default: Lane) -> None:
    with default.client(NOBODY) as nobody, default.client("stranger") as stranger:
        url = default.stack.url(OPEN)
        assert nobody.get(url).json()["error"] == "client-certificate-required"
        assert stranger.get(url).json()["error"] == "invalid-client-certificate"
        page = stranger.get(url, headers=NAVIGATION)
        assert (page.status_code, "Certificate not accepted" in page.text) == (495, True)
        shown = nobody.get(default.stack.url(DETAILS), headers=NAVIGATION).text
        assert "deny invalid_client_certificate" in shown
        grpc = nobody.post(url, headers={"content-type": "application/grpc"})
        assert (grpc.status_code, grpc.headers["grpc-status"]) == (200, "16")


def test_the_log_tells_what_speaks_against_a_certificate(default: Lane) -> None:
    with default.client("expired") as client:
        answer = client.get(default.stack.url(OPEN))
    events = default.stack.ostiary.events
    request_id = answer.headers["x-request-id"]
    default.stack.ostiary.process.wait_until(
        lambda: any(event.get("request_id") == request_id for event in events()), what="the decision's line"
    )
    (line,) = [each for each in events() if each.get("request_id") == request_id and each["event"] == "decision"]
    assert (line["decision"], line["status"]) == ("client-certificate", 495)
    assert "it expired on" in line["problem"]


@pytest.mark.parametrize("mode", ["default", "policy", "rejecting"])
def test_a_new_list_counts_at_the_next_request_of_an_open_connection(mode: str, request: pytest.FixtureRequest) -> None:
    lane: Lane = request.getfixturevalue(mode)
    with lane.client("laptop") as client:
        url = lane.stack.url(CERTIFIED)
        assert client.get(url).status_code == 200
        lane.revoke("revoked", "laptop")
        try:
            assert client.get(url).status_code == 495
            assert lane.status("laptop", CERTIFIED) == (None if mode == "rejecting" else 495)
        finally:
            lane.revoke("revoked")
        assert client.get(url).status_code == 200


def test_public_routes_are_no_exception(default: Lane) -> None:
    assert (default.status(NOBODY, PUBLIC), default.status("laptop", PUBLIC)) == (495, 200)
