"""Services apart over mutual TLS, with a real Envoy: who has no certificate gets nothing, and renewals drop nothing."""

import asyncio
import http.client
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from cryptography import x509
from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3 import base_pb2
from envoy.service.auth.v3 import external_auth_pb2
from envoy.service.discovery.v3 import discovery_pb2 as pb

from control_plane.envoy_identity import AUTHORITY, CHAIN, KEY, identity_files
from control_plane.snapshot import TypeUrl
from tests.control_plane.ads.serving import sotw
from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.split import SplitStack, running_split_stack
from tests.harness.stack import APP

pytestmark = pytest.mark.end_to_end

EDGE_CLUSTER = "clusters: [{name: edge-only, type: STATIC, load_assignment: {cluster_name: edge-only}}]\n"


@dataclass(frozen=True, slots=True)
class Fleet:
    """A split stack over mutual TLS, and certificates to come with."""

    split: SplitStack
    folder: Path
    services: ServerCertificate
    edge: ServerCertificate
    inner: ServerCertificate
    stranger: ServerCertificate

    def address(self, service: str) -> str:
        return str(self.split.stack.config["services"][f"{service}_address"])

    def channel(self, shown: ServerCertificate | None) -> Any:
        chain, key = (shown.chain.read_bytes(), shown.key.read_bytes()) if shown else (None, None)
        credentials = grpc.ssl_channel_credentials(self.services.authority.read_bytes(), key, chain)
        return grpc.aio.secure_channel(self.address("xds"), credentials, [("grpc.use_local_subchannel_pool", 1)])

    async def clusters(self, shown: ServerCertificate | None, group: str) -> set[str]:
        """What a node of a group is served; raises what the call ends with."""
        async with self.channel(shown) as channel:
            call = sotw(channel)
            node = base_pb2.Node(id=f"raw-{group}", cluster=group)
            await call.write(pb.DiscoveryRequest(type_url=TypeUrl.CLUSTER, node=node))
            response = await asyncio.wait_for(call.read(), 20)
            if response is grpc.aio.EOF:
                raise AssertionError("the call ended")
            call.cancel()
            return {Cluster.FromString(resource.value).name for resource in response.resources}

    def opened(self) -> int:
        events = self.split.control_plane.events()
        return sum(event.get("event") == "ads_stream_opened" and event["node"] == "split" for event in events)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    made = {name: _certificate(folder, name) for name in ("services", "envoy", "edge", "inner", "stranger")}
    authorities = b"".join(made[name].authority.read_bytes() for name in ("envoy", "edge", "inner"))
    (folder / "clients.pem").write_bytes(authorities)
    envoy_folder = folder / "envoy-folder"
    envoy_folder.mkdir()
    for name, text in identity_files(str(envoy_folder)).items():
        (envoy_folder / name).write_text(text)
    _install(made["envoy"], made["services"].authority, envoy_folder)
    (folder / "edge.yaml").write_text(EDGE_CLUSTER)
    tls = {
        "cert_file": str(made["services"].chain),
        "key_file": str(made["services"].key),
        "client_ca_file": str(folder / "clients.pem"),
        "envoy_folder": str(envoy_folder),
        "groups": {"edge": ["edge.test"]},
    }
    settings = {"xds_resources": [{"path": str(folder / "edge.yaml"), "group": "edge"}]}
    with running_split_stack(folder, settings=settings, tls=tls) as split:
        yield Fleet(split, folder, made["services"], made["edge"], made["inner"], made["stranger"])


def _certificate(folder: Path, name: str) -> ServerCertificate:
    host = "localhost" if name == "services" else f"{name}.test"
    (folder / name).mkdir()
    return make_certificate(folder / name, [host], client=True)


def _install(shown: ServerCertificate, authority: Path, folder: Path) -> None:
    """Put a certificate into an Envoy's folder as a renewal does: each file by a rename."""
    for source, name in ((shown.key, KEY), (shown.chain, CHAIN), (authority, AUTHORITY)):
        fresh = folder / f"{name}.new"
        shutil.copy(source, fresh)
        fresh.replace(folder / name)


def test_a_login_through_envoy_reaches_check_and_pages_over_mutual_tls(fleet: Fleet) -> None:
    with fleet.split.stack.signed_in(host=APP) as client:
        assert client.get(fleet.split.stack.url(APP)).status_code == 200
    stats = httpx.get(f"{fleet.split.admin}/stats?filter=ssl.handshake").text
    counted = {line.split(".ssl")[0]: int(line.split(": ")[1]) for line in stats.splitlines() if line.startswith("clu")}
    for cluster in ("ostiary-xds", "ostiary-check", "ostiary-web"):
        assert counted[f"cluster.{cluster}"] > 0


def test_the_control_plane_tells_when_its_certificate_ends(fleet: Fleet) -> None:
    socket = fleet.split.control_plane.config_file.with_name("control-plane.sock")
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://operations") as operator:
        assert "localhost" in operator.get("/status").json()["certificates"]


async def test_a_group_gets_its_resources_and_others_do_not(fleet: Fleet) -> None:
    everybody = await fleet.clusters(fleet.inner, "inner")
    edge = await fleet.clusters(fleet.edge, "edge")
    assert edge - everybody == {"edge-only"}


@pytest.mark.parametrize("who", ["inner", "envoy"])
async def test_a_node_that_claims_a_group_which_its_certificate_does_not_bear_out_is_refused(
    fleet: Fleet, who: str
) -> None:
    shown = fleet.inner if who == "inner" else ServerCertificate(*_paths(fleet.folder / "envoy"))
    with pytest.raises(grpc.aio.AioRpcError, match=f"`{who}.test`") as refused:
        await fleet.clusters(shown, "edge")
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


def _paths(folder: Path) -> tuple[Path, Path, Path]:
    return folder / "authority.pem", folder / "server.pem", folder / "server-key.pem"


@pytest.mark.parametrize("who", ["nobody", "stranger"])
async def test_a_client_without_a_certificate_of_our_authorities_gets_nothing(fleet: Fleet, who: str) -> None:
    shown = None if who == "nobody" else fleet.stranger
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await fleet.clusters(shown, "inner")
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_nothing_is_served_in_plain_text(fleet: Fleet) -> None:
    async with grpc.aio.insecure_channel(fleet.address("xds")) as channel:
        call = sotw(channel)
        assert await call.code() is grpc.StatusCode.UNAVAILABLE
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://{fleet.address('web')}/ping")


@pytest.mark.parametrize("who", ["nobody", "stranger"])
async def test_check_and_pages_want_a_certificate_too(fleet: Fleet, who: str) -> None:
    shown = None if who == "nobody" else fleet.stranger
    chain, key = (shown.chain.read_bytes(), shown.key.read_bytes()) if shown else (None, None)
    credentials = grpc.ssl_channel_credentials(fleet.services.authority.read_bytes(), key, chain)
    async with grpc.aio.secure_channel(fleet.address("check"), credentials) as channel:
        check = channel.unary_unary(
            "/envoy.service.auth.v3.Authorization/Check", external_auth_pb2.CheckRequest.SerializeToString
        )
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await check(external_auth_pb2.CheckRequest())
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    context = ssl.create_default_context(cafile=fleet.services.authority)
    if shown is not None:
        context.load_cert_chain(shown.chain, shown.key)
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        _ping(fleet, context)


def _ping(fleet: Fleet, context: ssl.SSLContext) -> bytes:
    """The certificate of the web server, DER, once it has answered."""
    port = int(fleet.address("web").rpartition(":")[2])
    connection = http.client.HTTPSConnection("localhost", port, timeout=10, context=context)
    try:
        connection.request("GET", "/ping", headers={"Host": APP})
        assert connection.getresponse().status
        certificate = connection.sock.getpeercert(binary_form=True)
        return certificate or b""
    finally:
        connection.close()


def test_renewals_on_both_sides_drop_no_stream(fleet: Fleet) -> None:
    before = fleet.opened()
    # Both ends trust the old and the new authorities for as long as they differ in what they show.
    (fleet.folder / "envoy-2").mkdir()
    envoy = make_certificate(fleet.folder / "envoy-2", ["envoy.test"], client=True)
    clients = fleet.folder / "clients.pem"
    clients.write_bytes(clients.read_bytes() + envoy.authority.read_bytes())
    (fleet.folder / "services-2").mkdir()
    services = make_certificate(fleet.folder / "services-2", ["localhost"])
    both = fleet.folder / "both.pem"
    both.write_bytes(fleet.services.authority.read_bytes() + services.authority.read_bytes())
    _install(envoy, both, fleet.folder / "envoy-folder")
    process = fleet.split.envoy
    process.wait_until(lambda: _serial(envoy) in _certs(fleet), what="showing the renewed certificate")
    context = ssl.create_default_context(cafile=both)
    context.load_cert_chain(envoy.chain, envoy.key)
    process.wait_until(lambda: _accepted(fleet, context), what="the new authority trusted")
    old = _ping(fleet, context)
    services.key.replace(fleet.services.key)
    services.chain.replace(fleet.services.chain)
    process.wait_until(lambda: _ping(fleet, context) != old, what="the services' renewed certificate shown")
    with fleet.split.stack.program() as program:
        assert program.get(fleet.split.stack.url(APP), headers={"accept": "application/json"}).status_code == 401
    assert fleet.opened() == before, "Envoy's stream went on"


def _accepted(fleet: Fleet, context: ssl.SSLContext) -> bool:
    try:
        _ping(fleet, context)
    except (OSError, http.client.HTTPException):
        return False
    return True


def _serial(made: ServerCertificate) -> str:
    return f"{x509.load_pem_x509_certificate(made.chain.read_bytes()).serial_number:x}"


def _certs(fleet: Fleet) -> str:
    return httpx.get(f"{fleet.split.admin}/certs").text
