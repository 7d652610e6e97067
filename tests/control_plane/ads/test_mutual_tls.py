"""The server over mutual TLS: a stream lasts as long as its certificate bears out what the node said."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from envoy.config.core.v3 import base_pb2
from envoy.service.discovery.v3 import discovery_pb2 as pb
from prometheus_client import CollectorRegistry

from control_plane.ads import AdsServer, Publisher
from control_plane.ledger import Ledger
from service_kit.addresses import TcpAddress
from service_kit.mutual_tls import MutualTls, TlsMaterial
from tests.control_plane.ads.serving import sotw
from tests.control_plane.xds.world import CDS, cluster, snapshot
from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.ports import free_port

FOR_ALL, FOR_EDGE = snapshot(cluster("all")), snapshot(cluster("all"), cluster("edge"))
MEMBERS = {"edge": ["edge.test"]}


@dataclass(frozen=True, slots=True)
class Secured:
    """A running server, and the one client certificate that it takes."""

    publisher: Publisher
    ledger: Ledger
    port: int
    shown: ServerCertificate

    def channel(self) -> Any:
        pems = (self.shown.authority, self.shown.key, self.shown.chain)
        credentials = grpc.ssl_channel_credentials(*(pem.read_bytes() for pem in pems))
        return grpc.aio.secure_channel(f"localhost:{self.port}", credentials)


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[Secured]:
    shown = make_certificate(tmp_path, ["edge.test", "localhost"], client=True)
    material = TlsMaterial(shown.chain.read_bytes(), shown.key.read_bytes(), shown.authority.read_bytes())
    publisher, ledger, port = Publisher(), Ledger(lambda: datetime.now(UTC), CollectorRegistry()), free_port()
    credentials = MutualTls(material).grpc_credentials()
    server = AdsServer(publisher, ledger, [TcpAddress("127.0.0.1", port)], credentials)
    await server.start()
    try:
        yield Secured(publisher, ledger, port, shown)
    finally:
        await server.stop(grace=1)


def request() -> Any:
    return pb.DiscoveryRequest(type_url=CDS, node=base_pb2.Node(id="e", cluster="edge"))


async def test_a_member_is_served_until_it_is_one_no_longer(secured: Secured) -> None:
    secured.publisher.publish(FOR_ALL, {"edge": FOR_EDGE}, MEMBERS)
    async with secured.channel() as channel:
        call = sotw(channel)
        await call.write(request())
        assert len((await call.read()).resources) == 2
        secured.publisher.publish(FOR_ALL, {"edge": snapshot(cluster("edge", "2"))}, {"edge": ["other.test"]})
        with pytest.raises(grpc.aio.AioRpcError, match=r"`edge\.test`") as ended:
            await call.read()
        assert ended.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_who_is_no_member_leaves_no_trace_in_the_ledger(secured: Secured) -> None:
    secured.publisher.publish(FOR_ALL, {"edge": FOR_EDGE}, {"edge": ["other.test"]})
    async with secured.channel() as channel:
        call = sotw(channel)
        await call.write(request())
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call.read()
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert secured.ledger.as_dict()["nodes"] == []


async def test_who_comes_before_the_first_snapshot_is_judged_by_it(secured: Secured) -> None:
    async with secured.channel() as channel:
        call = sotw(channel)
        await call.write(request())
        await call.wait_for_connection()
        secured.publisher.publish(FOR_ALL, {"edge": FOR_EDGE}, {})
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call.read()
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
