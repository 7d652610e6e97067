"""An Envoy that somebody else programs: Ostiary's gRPC address in its ext_authz filter is the whole integration."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import yaml

from tests.end_to_end.assertions import ASSERTION
from tests.harness import parts
from tests.harness.clients import UNTRUSTED, Clients, make_clients
from tests.harness.identity_provider import ALICE, BOB
from tests.harness.loopback import LoopbackTransport, local_tls
from tests.harness.ostiary_process import ostiary
from tests.harness.ports import LOOPBACK, free_ports
from tests.harness.processes import Process, running
from tests.harness.raw_http import get_raw
from tests.harness.stack import APP, AUTHENTICATE, OTHER, PUBLIC, Stack, surroundings
from tests.harness.web_client import login

CERTIFIED = "certified.localhost"
EXAMPLE = Path(__file__).parents[2] / "deploy" / "mesh" / "envoy.yaml"


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Clients:
    return make_clients(tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory, clients: Clients) -> Iterator[Stack]:
    """Give the example configuration that we ship, on other ports and with TLS, before the decision service alone."""
    folder = tmp_path_factory.mktemp("mesh")
    executable = parts.envoy()
    xds, check, web = free_ports(3)
    services = {
        name: f"{LOOPBACK}:{port}" for name, port in zip(("xds", "check", "web"), (xds, check, web), strict=True)
    }
    settings = {
        "services": {f"{name}_address": address for name, address in services.items()},
        "downstream_mtls": clients.settings | {"enforcement": "policy"},
    }
    denied = {"allow": {"or": [{"accept": True}]}, "deny": {"or": [{"invalid_client_certificate": True}]}}
    routes = [{"from": f"https://{CERTIFIED}:{{port}}", "to": "{app}", "policy": denied}]
    with surroundings(folder, routes=routes, settings=settings) as world:
        envoy_file = folder / "envoy.yaml"
        certificate = (world.certificate.chain, world.certificate.key)
        envoy_file.write_text(yaml.safe_dump(_example(world.port, check, world.app.port, certificate)), "utf-8")
        command: list[str | Path] = [executable, "-c", envoy_file, "--concurrency", "1", "--disable-hot-restart"]
        with (
            ostiary(folder, world.config, verb="extauthz") as decisions,
            running(Process.start("envoy", command, folder=folder)) as envoy,
        ):
            envoy.wait_for_line("starting main dispatch loop")
            yield world.around(decisions)


def _example(port: int, check: int, app: int, certificate: tuple[Path, Path]) -> object:
    config = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    (listener,) = config["static_resources"]["listeners"]
    listener["address"]["socket_address"]["port_value"] = port
    files = {"certificate_chain": {"filename": str(certificate[0])}, "private_key": {"filename": str(certificate[1])}}
    listener["filter_chains"][0]["transport_socket"] = {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            # Whoever programs such an Envoy asks for certificates; this one takes whatever it is shown.
            "common_tls_context": {
                "tls_certificates": [files],
                "validation_context": {"trust_chain_verification": "ACCEPT_UNTRUSTED"},
            },
            "require_client_certificate": False,
        },
    }
    for cluster in config["static_resources"]["clusters"]:
        (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
        address = endpoint["endpoint"]["address"]["socket_address"]
        address["port_value"] = check if cluster["name"] == "ostiary" else app
    return config


@pytest.fixture(autouse=True)
def nothing_recorded(mesh: Stack) -> None:
    mesh.app.clear()


def test_a_login_works_through_the_one_address(mesh: Stack) -> None:
    with mesh.client() as client:
        page = login(client, mesh.url(APP, "/report?x=1"), ALICE.email, ALICE.password)
    assert page.status_code == HTTPStatus.OK
    assert mesh.app.last().target == "/report?x=1"
    assert mesh.app.last().value(ASSERTION)
    assert mesh.app.last().value("cookie") is None


def test_the_route_is_found_by_host_and_path(mesh: Stack) -> None:
    with mesh.client() as client:
        page = login(client, mesh.url(OTHER), BOB.email, BOB.password)
    assert page.status_code == HTTPStatus.FORBIDDEN
    assert mesh.app.requests == []


@pytest.mark.parametrize("host", [APP, OTHER, "unknown.localhost"])
def test_a_stranger_passes_nowhere(mesh: Stack, host: str) -> None:
    answer = mesh.raw(APP, get_raw(host, "/", f"X-Pomerium-Jwt-Assertion: {ALICE.email}"))
    assert answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}
    assert mesh.app.requests == []


@pytest.mark.parametrize("name", ["X-Pomerium-Jwt-Assertion", "X-Pomerium-Claim-Email", "X-Email", "X-Pomerium-Odd"])
def test_what_a_client_forges_does_not_arrive(mesh: Stack, name: str) -> None:
    mesh.raw(PUBLIC, get_raw(PUBLIC, "/", f"{name}: FORGED", f"{name}: FORGED2"))
    assert not any("FORGED" in value for _, value in mesh.app.last().headers)


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        (APP, "/ping", 200),
        (APP, "/.well-known/pomerium/jwks.json", 200),
        (APP, "//.well-known/pomerium/jwks.json", 200),
        (APP, "/.pomerium/", 200),
        (APP, "/.pomerium/user", 401),
        (AUTHENTICATE, "/.pomerium/signed_out", 200),
        (AUTHENTICATE, "/oauth2/callback", 400),
        (APP, "/.pomerium/nothing", 404),
    ],
)
def test_our_endpoints_are_answered_by_check(mesh: Stack, host: str, path: str, expected: int) -> None:
    assert mesh.raw(host, get_raw(host, path)).status == expected
    assert mesh.app.requests == []


def test_signing_out_ends_the_session(mesh: Stack) -> None:
    with mesh.signed_in(ALICE, APP) as client, mesh.program() as program:
        cookie = client.jar.header(mesh.url(APP), 0) or ""
        client.post(mesh.url(APP, "/.pomerium/sign_out"), {})
        mesh.app.clear()
        assert program.get(mesh.url(APP), headers={"cookie": cookie}).status_code == HTTPStatus.UNAUTHORIZED
    assert mesh.app.requests == []


def test_certificates_are_judged_here_whatever_the_mesh_makes_of_them(mesh: Stack, clients: Clients) -> None:
    everybody = {"laptop": 200, "phone": 200, **dict.fromkeys(UNTRUSTED, 495)}
    for who, status in everybody.items():
        context = local_tls(mesh.certificate.authority)
        context.load_cert_chain(clients.files[who])
        with httpx.Client(transport=LoopbackTransport(context), timeout=15) as client:
            assert client.get(mesh.url(CERTIFIED)).status_code == status, who
    forged = f'X-Forwarded-Client-Cert: Cert="{quote(clients.issued["laptop"].pem)}"'
    assert mesh.raw(CERTIFIED, get_raw(CERTIFIED, "/", forged)).status == 495
    assert len(mesh.app.requests) == 2
