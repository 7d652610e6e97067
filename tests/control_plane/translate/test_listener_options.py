"""What the listener's options change, each with a request that would be answered otherwise without it."""

import json
import socket
import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from cryptography import x509

from access_model.forwarding import Redirection
from access_model.model import Certificate, ClientCertificates, Origin, Redirect, SubjectName, Timeouts
from access_model.secret import Secret
from control_plane.translate import Places
from tests.control_plane.translate.edge import Edge, running_edge
from tests.control_plane.translate.models import a_model, a_route, a_target
from tests.harness.authority import Authority
from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.raw_http import get_raw, send_raw
from tests.harness.upstream import Upstream

pytestmark = pytest.mark.end_to_end

HOST = "app.localhost"
PROXY = b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 443\r\n"


def test_a_plain_listener_with_everything(app: Upstream, web: Upstream, tmp_path: Path) -> None:
    model = a_model(a_route("app", HOST, targets=(a_target(LOOPBACK, app.port),), origin=Origin("https", HOST, 8443)))
    options = replace(
        model.listener,
        proxy_protocol=True,
        skip_xff_append=True,
        timeouts=Timeouts(read=timedelta(milliseconds=300)),
        redirect=Redirect(LOOPBACK, free_port()),
        log_fields=("request-id", "query", "headers.x-team"),
    )
    with running_edge(tmp_path, replace(model, listener=options), web, Places("", "")) as edge:
        _the_proxy_header_tells_the_client(edge.port, app)
        _the_forwarded_header_stays_as_it_came(edge.port, app)
        _a_slow_request_is_given_up(edge.port)
        _the_log_tells_what_was_chosen(edge)
        assert options.redirect is not None
        _plain_http_is_redirected(options.redirect.port)


def _the_proxy_header_tells_the_client(port: int, app: Upstream) -> None:
    app.clear()
    assert send_raw(port, PROXY + get_raw(HOST, "/")).status == 200
    assert app.requests
    app.clear()
    assert send_raw(port, get_raw(HOST, "/")).status is None, "a connection without the header is refused"
    assert app.requests == []


def _the_forwarded_header_stays_as_it_came(port: int, app: Upstream) -> None:
    app.clear()
    assert send_raw(port, PROXY + get_raw(HOST, "/", "X-Forwarded-For: 198.51.100.1")).status == 200
    assert app.requests[0].values("x-forwarded-for") == ["198.51.100.1"]


def _a_slow_request_is_given_up(port: int) -> None:
    unfinished = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 10\r\n\r\nhalf".encode()
    assert send_raw(port, PROXY + unfinished).status == 408


def _the_log_tells_what_was_chosen(edge: Edge) -> None:
    request = get_raw(HOST, "/x?a=1", "X-Team: blue", "X-Other: red", "Cookie: s3cret")
    (request_id,) = send_raw(edge.port, PROXY + request).values("x-request-id")
    line = json.loads(edge.process.wait_for_line(f'"request-id":"{request_id}"'))
    assert (line["query"], line["headers.x-team"], line["route_id"]) == ("a=1", "blue", "app")
    assert set(line) == {"event", "time", "route_id", "request-id", "query", "headers.x-team"}


def _plain_http_is_redirected(port: int) -> None:
    answer = send_raw(port, PROXY + get_raw(HOST, "/a?b=c"))
    assert (answer.status, answer.values("location")) == (301, [f"https://{HOST}:8443/a?b=c"])


@pytest.mark.parametrize(("codec", "offered"), [("http1", ["h2", "http/1.1"]), ("http2", ["http/1.1", "h2"])])
def test_only_one_version_of_http_is_spoken(
    app: Upstream, web: Upstream, tmp_path: Path, codec: Literal["http1", "http2"], offered: list[str]
) -> None:
    certificate = make_certificate(tmp_path, [HOST])
    model = a_model(a_route("app", HOST, targets=(a_target(LOOPBACK, app.port),)))
    tls = replace(model.listener, insecure=False, certificates=(_served(certificate),), codec=codec)
    with running_edge(tmp_path, replace(model, listener=tls), web, Places("", "")) as edge:
        context = ssl.create_default_context(cafile=certificate.authority)
        context.set_alpn_protocols(offered)
        assert _handshake(edge.port, context) == offered[-1]


def test_limits_of_time(app: Upstream, web: Upstream, tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        nobody_answers = (a_target(LOOPBACK, silent.getsockname()[1]),)
        model = a_model(
            a_route("app", HOST, targets=(a_target(LOOPBACK, app.port),)),
            a_route("default", "default.localhost", targets=nobody_answers),
            a_route("long", "long.localhost", targets=nobody_answers, timeout=timedelta(seconds=20)),
            a_route("https", "https.localhost", targets=(), answer=Redirection(scheme="https")),
            default_timeout=timedelta(milliseconds=200),
            stream_recheck=None,  # the `Check` of these tests watches nothing
        )
        times = Timeouts(write=timedelta(seconds=1), idle=timedelta(milliseconds=300))
        with running_edge(
            tmp_path, replace(model, listener=replace(model.listener, timeouts=times)), web, Places("", "")
        ) as edge:
            assert _given_up(edge, "default.localhost") == "response_timeout"
            assert _given_up(edge, "long.localhost") == "max_duration_timeout"
            assert edge.get("/x", host="https.localhost").values("location") == ["https://https.localhost/x"]
            _an_idle_connection_is_closed(edge.port)


def _given_up(edge: Edge, host: str) -> str:
    """Which limit a request that nobody answers meets."""
    answer = edge.get("/", host=host)
    assert answer.status == 504
    (request_id,) = answer.values("x-request-id")
    return str(edge.access_log(request_id)["details"])


def _an_idle_connection_is_closed(port: int) -> None:
    with socket.create_connection((LOOPBACK, port), 10) as connection:
        connection.sendall(f"HEAD / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        received = b""
        while data := connection.recv(4096):
            received += data
    assert received.startswith(b"HTTP/1.1 200")
    assert b"connection: close" not in received


def clients(folder: Path) -> tuple[ClientCertificates, Path, tuple[Path, ...]]:
    """What is asked of clients, who gets in, and who does not: files with certificate and key."""
    issuer = Authority.root("Clients")
    good, revoked = (issuer.issue(x509.DNSName(f"{name}.clients.example.com")) for name in "ab")
    elsewhere = issuer.issue(x509.DNSName("c.example.org"))
    forged = Authority.root("Clients").issue(x509.DNSName("d.clients.example.com"))
    asked = ClientCertificates(
        issuer.pem,
        issuer.revocation_list(revoked),
        (SubjectName("dns", r".*\.clients\.example\.com"),),
        enforcement="reject_connection",
    )
    return asked, good.file(folder), tuple(each.file(folder) for each in (revoked, elsewhere, forged))


def test_only_clients_with_a_valid_unrevoked_certificate_of_a_fitting_name_get_in(
    app: Upstream, web: Upstream, tmp_path: Path
) -> None:
    certificate, (asked, good, others) = make_certificate(tmp_path, [HOST]), clients(tmp_path)
    model = a_model(a_route("app", HOST, targets=(a_target(LOOPBACK, app.port),)))
    tls = replace(model.listener, insecure=False, certificates=(_served(certificate),), client_certificates=asked)
    with running_edge(tmp_path, replace(model, listener=tls), web, Places("", "")) as edge:
        assert _let_in(edge.port, certificate, good)
        for file in (None, *others):
            assert not _let_in(edge.port, certificate, file), file


def _served(certificate: ServerCertificate) -> Certificate:
    return Certificate(certificate.chain.read_text(), Secret.of(certificate.key.read_text()))


def _let_in(port: int, certificate: ServerCertificate, client: Path | None) -> bool:
    context = ssl.create_default_context(cafile=certificate.authority)
    if client is not None:
        context.load_cert_chain(client)
    return _handshake(port, context) is not None


def _handshake(port: int, context: ssl.SSLContext) -> str | None:
    """The protocol that was agreed on, empty for none; None if the connection was refused.

    In TLS 1.3 the client's part is over before the server has judged its certificate, so a request must be answered.
    """

    try:
        with (
            socket.create_connection((LOOPBACK, port), 5) as plain,
            context.wrap_socket(plain, server_hostname=HOST) as tls,
        ):
            protocol = tls.selected_alpn_protocol() or ""
            if protocol != "h2":
                tls.sendall(get_raw(HOST, "/"))
                return protocol if tls.recv(1) else None
            return protocol
    except (ssl.SSLError, ConnectionError):
        return None
