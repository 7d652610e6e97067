"""What the listener's options change, each with a request that would be answered otherwise without it."""

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from access_model.model import Certificate, ClientCertificates, Origin, Redirect, SubjectName, Timeouts
from access_model.secret import Secret
from control_plane.translate import Places
from tests.control_plane.translate.edge import running_edge
from tests.control_plane.translate.models import a_model, a_route, a_target
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
    )
    with running_edge(tmp_path, replace(model, listener=options), web, Places("", "")) as edge:
        _the_proxy_header_tells_the_client(edge.port, app)
        _the_forwarded_header_stays_as_it_came(edge.port, app)
        _a_slow_request_is_given_up(edge.port)
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


def _plain_http_is_redirected(port: int) -> None:
    answer = send_raw(port, PROXY + get_raw(HOST, "/a?b=c"))
    assert (answer.status, answer.values("location")) == (301, [f"https://{HOST}:8443/a?b=c"])


def test_only_one_version_of_http_is_spoken(app: Upstream, web: Upstream, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, [HOST])
    model = a_model(a_route("app", HOST, targets=(a_target(LOOPBACK, app.port),)))
    tls = replace(model.listener, insecure=False, certificates=(_served(certificate),), codec="http2")
    with running_edge(tmp_path, replace(model, listener=tls), web, Places("", "")) as edge:
        context = ssl.create_default_context(cafile=certificate.authority)
        context.set_alpn_protocols(["http/1.1", "h2"])
        assert _handshake(edge.port, context) == "h2"


class Clients:
    """An authority of clients, and certificates from it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Clients")])
        self._now = datetime.now(UTC)
        self.certificate = self._sign(self._name, self._key, ca=True)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, name: str) -> tuple[x509.Certificate, Path]:
        """A certificate with the DNS name, and a file with it and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        issued = self._sign(subject, key, dns=name)
        file = self._folder / f"{name}.pem"
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(issued.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
        return issued, file

    def revoking(self, revoked: x509.Certificate) -> str:
        """A revocation list."""
        entry = x509.RevokedCertificateBuilder().serial_number(revoked.serial_number).revocation_date(self._now).build()
        listing = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(self._now - timedelta(minutes=1))
            .next_update(self._now + timedelta(days=1))
            .add_revoked_certificate(entry)
            .sign(self._key, hashes.SHA256())
        )
        return listing.public_bytes(serialization.Encoding.PEM).decode()

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, ca: bool = False, dns: str = ""
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(minutes=5))
            .not_valid_after(self._now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if dns:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(dns)]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def test_only_clients_with_a_valid_unrevoked_certificate_of_a_fitting_name_get_in(
    app: Upstream, web: Upstream, tmp_path: Path
) -> None:
    certificate, clients = make_certificate(tmp_path, [HOST]), Clients(tmp_path)
    _, good = clients.issue("a.clients.example.com")
    revoked, gone = clients.issue("b.clients.example.com")
    _, elsewhere = clients.issue("c.example.org")
    _, forged = Clients(tmp_path).issue("d.clients.example.com")
    asked = ClientCertificates(
        clients.pem, clients.revoking(revoked), (SubjectName("dns", r".*\.clients\.example\.com"),)
    )
    model = a_model(a_route("app", HOST, targets=(a_target(LOOPBACK, app.port),)))
    tls = replace(model.listener, insecure=False, certificates=(_served(certificate),), client_certificates=asked)
    with running_edge(tmp_path, replace(model, listener=tls), web, Places("", "")) as edge:
        assert _let_in(edge.port, certificate, good)
        for file in (None, gone, elsewhere, forged):
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
