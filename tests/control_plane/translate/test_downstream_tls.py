"""TLS towards clients: certificates by server name, policies by host alone."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from access_model.model import Certificate
from access_model.secret import Secret
from control_plane.translate import Places
from tests.control_plane.translate.edge import Edge, running_edge
from tests.control_plane.translate.models import a_listener, a_model, a_route, a_target
from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.ports import LOOPBACK
from tests.harness.raw_http import get_raw, send_raw
from tests.harness.upstream import Upstream

pytestmark = pytest.mark.end_to_end


@dataclass(frozen=True, slots=True)
class TlsEdge:
    edge: Edge
    first: ServerCertificate
    second: ServerCertificate


@pytest.fixture(scope="module")
def tls(_recorders: tuple[Upstream, Upstream], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsEdge]:
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second", "edge")]
    first = make_certificate(folders[0], ["app.example.com"])
    second = make_certificate(folders[1], ["*.other.example.com"])
    app, web = _recorders
    to_app = (a_target(LOOPBACK, app.port),)
    model = a_model(
        a_route("app", targets=to_app),
        a_route("other", "b.other.example.com", targets=to_app),
        listener=a_listener(insecure=False, certificates=(_loaded(first), _loaded(second))),
    )
    with running_edge(folders[2], model, web, Places("", "")) as edge:
        yield TlsEdge(edge, first, second)


def test_the_server_name_chooses_the_certificate(tls: TlsEdge) -> None:
    for name, certificate in (("app.example.com", tls.first), ("b.other.example.com", tls.second)):
        answer = send_raw(tls.edge.port, get_raw(name, "/"), server_name=name, authority=certificate.authority)
        assert answer.status == 200


def test_the_policy_is_that_of_the_host_whatever_the_server_name(tls: TlsEdge) -> None:
    tls.edge.forget()
    tls.edge.get("/", host="b.other.example.com", server_name="app.example.com", authority=tls.first.authority)
    question = tls.edge.question().attributes
    assert question.context_extensions["route_id"] == "other"
    assert question.tls_session.sni == "app.example.com"
    assert question.request.http.scheme == "https"


def test_http_2_and_tls_1_3_are_offered(tls: TlsEdge) -> None:
    context = ssl.create_default_context(cafile=tls.first.authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection((LOOPBACK, tls.edge.port)) as connection,
        context.wrap_socket(connection, server_hostname="app.example.com") as secured,
    ):
        assert secured.selected_alpn_protocol() == "h2"
        assert secured.version() == "TLSv1.3"


def _loaded(certificate: ServerCertificate) -> Certificate:
    return Certificate(certificate.chain.read_text(), Secret.of(certificate.key.read_bytes()))
