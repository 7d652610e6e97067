"""TLS towards upstreams: asked for by its name, and not believed without a certificate for it."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from control_plane.translate import Places
from tests.control_plane.translate.edge import running_edge
from tests.control_plane.translate.models import a_model, a_route, a_target
from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.ports import LOOPBACK
from tests.harness.upstream import Upstream

pytestmark = pytest.mark.end_to_end


@dataclass(slots=True)
class TlsUpstream:
    port: int
    names: list[str | None] = field(default_factory=list)
    """Server names that were asked for."""
    hosts: list[str | None] = field(default_factory=list)
    """`Host` headers of the requests that were answered."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), ["localhost", "app.localhost"])


def test_a_named_upstream_is_verified_and_an_unfitting_one_is_not_reached(
    certificate: ServerCertificate, web: Upstream, tmp_path: Path
) -> None:
    with tls_upstream(certificate) as upstream:
        target = a_target("localhost", upstream.port, scheme="https")
        model = a_model(
            a_route("good", "good.example.com", targets=(target,)),
            a_route("address", "address.example.com", targets=(a_target(LOOPBACK, upstream.port, scheme="https"),)),
            a_route(
                "several",
                "several.example.com",
                targets=(target, a_target("app.localhost", upstream.port, scheme="https")),
            ),
        )
        places = Places("", "", ca_bundle=str(certificate.authority))
        with running_edge(tmp_path, model, web, places) as edge:
            assert edge.get("/", host="good.example.com").status == 200
            assert (upstream.names, upstream.hosts) == (["localhost"], [f"localhost:{upstream.port}"])
            assert edge.get("/", host="address.example.com").status == 503
            assert upstream.names[1:] == [None]
            answers = [edge.get("/", host="several.example.com").status for _ in range(4)]
    assert answers == [200] * 4
    assert set(upstream.names[2:]) == {"localhost", "app.localhost"}
    assert set(upstream.hosts[1:]) == {f"localhost:{upstream.port}", f"app.localhost:{upstream.port}"}


def test_an_upstream_of_an_unknown_authority_is_not_reached(
    certificate: ServerCertificate, web: Upstream, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    stranger = make_certificate(tmp_path / "other", ["localhost"])
    with tls_upstream(certificate) as upstream:
        model = a_model(a_route(targets=(a_target("localhost", upstream.port, scheme="https"),)))
        with running_edge(tmp_path, model, web, Places("", "", ca_bundle=str(stranger.authority))) as edge:
            assert edge.get("/").status == 503
    assert upstream.hosts == []


@contextmanager
def tls_upstream(certificate: ServerCertificate) -> Iterator[TlsUpstream]:
    """Answer every request with 200 and note who it was meant for."""
    recorded = TlsUpstream(0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            recorded.hosts.append(self.headers["host"])
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            pass  # Handshakes that Envoy breaks off are what this is about.

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    context.set_alpn_protocols(["http/1.1"])
    context.sni_callback = lambda _socket, name, _context: recorded.names.append(name)
    with Server((LOOPBACK, 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        recorded.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield recorded
        finally:
            server.shutdown()
            thread.join()
