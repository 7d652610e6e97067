"""HTTP/3: who gets in, and who is told of it. What else holds there, tests/end_to_end/test_http3.py shows."""

from dataclasses import replace
from pathlib import Path

import pytest

from access_model.model import AccessModel, Certificate, ClientCertificates, Origin
from access_model.secret import Secret
from control_plane.snapshot import TypeUrl
from control_plane.translate import Places, translate
from control_plane.translate.quic_listener import alternative_service
from tests.control_plane.translate.edge import running_edge
from tests.control_plane.translate.models import PLACES, a_model, a_route, a_target
from tests.control_plane.translate.test_listener_options import HOST, clients
from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.http3 import http3
from tests.harness.ports import LOOPBACK
from tests.harness.upstream import Upstream


def speaking_http3(model: AccessModel, certificate: ServerCertificate, asked: ClientCertificates | None) -> AccessModel:
    served = Certificate(certificate.chain.read_text(), Secret.of(certificate.key.read_text()))
    listener = replace(model.listener, insecure=False, codec="http3", certificates=(served,), client_certificates=asked)
    return replace(model, listener=listener)


async def let_in(port: int, server: ServerCertificate, client: Path | None) -> bool:
    """Whether a client with this certificate gets an answer."""
    try:
        async with http3(port, HOST, server.authority, certificate=client) as connection:
            return (await connection.ask(HOST)).status == 200
    except ConnectionError:
        return False


@pytest.mark.end_to_end
async def test_clients_need_the_same_certificates_as_over_tcp(app: Upstream, web: Upstream, tmp_path: Path) -> None:
    server, (asked, good, others) = make_certificate(tmp_path, [HOST]), clients(tmp_path)
    model = a_model(a_route("app", HOST, targets=(a_target(LOOPBACK, app.port),)))
    with running_edge(tmp_path, speaking_http3(model, server, asked), web, Places("", "")) as edge:
        assert await let_in(edge.port, server, good)
        assert "BEGIN" in edge.question().attributes.source.certificate, "Check judges it too"
        app.clear()
        for file in (None, *others):
            assert not await let_in(edge.port, server, file), file
        assert app.requests == []


@pytest.mark.parametrize(("ports", "told"), [((443,), 443), ((8443, 8443), 8443), ((443, 8443), 443), ((), 443)])
def test_the_port_that_clients_use_is_told(ports: tuple[int, ...], told: int, tmp_path: Path) -> None:
    hosts = [f"{number}.example.com" for number in range(len(ports))]
    routes = [a_route(host, host, origin=Origin("https", host, port)) for host, port in zip(hosts, ports, strict=True)]
    model = speaking_http3(a_model(*routes), make_certificate(tmp_path, [HOST]), None)
    assert alternative_service(model) == f'h3=":{told}"; ma=86400'
    assert [each.name for each in translate(model, PLACES) if each.type_url is TypeUrl.LISTENER] == [
        "ingress",
        "ingress-quic",
    ]


def test_nobody_is_told_of_what_is_not_there() -> None:
    model = a_model(a_route())
    assert alternative_service(model) is None
    assert [each.name for each in translate(model, PLACES) if each.type_url is TypeUrl.LISTENER] == ["ingress"]
