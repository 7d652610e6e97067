"""The server's shell, against bare gRPC calls."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import structlog
from envoy.config.core.v3 import base_pb2
from envoy.service.discovery.v3 import discovery_pb2 as pb
from google.rpc import status_pb2
from prometheus_client import CollectorRegistry

from control_plane.ads import AdsServer, Publisher
from service_kit.addresses import TcpAddress
from tests.control_plane.ads.serving import Serving, delta, serving, sotw
from tests.control_plane.xds.world import CDS, EDS, cluster, endpoints, snapshot

ONE = snapshot(cluster("a", "1"))


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Serving]:
    async with serving(tmp_path) as running:
        yield running


@pytest.fixture
async def channel(served: Serving) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(str(served.address)) as opened:
        yield opened


def node(name: str = "edge-1") -> Any:
    version = {"version": {"major_number": 1, "minor_number": 40, "patch": 0}}
    return base_pb2.Node(id=name, cluster="edge", user_agent_build_version=version)


def request(type_url: str = CDS, **fields: Any) -> Any:
    return pb.DiscoveryRequest(type_url=type_url, **fields)


async def test_state_of_the_world(served: Serving, channel: Any) -> None:
    served.publisher.publish(ONE)
    call = sotw(channel)
    await call.write(request(node=node()))
    response = await call.read()
    assert response.type_url == CDS
    assert response.version_info == ONE.of_type(CDS).version
    assert [(r.type_url, r.value) for r in response.resources] == [(CDS, b"a=1")]
    await call.write(request(version_info=response.version_info, response_nonce=response.nonce))
    served.publisher.publish(snapshot(cluster("a", "2")))
    assert [r.value for r in (await call.read()).resources] == [b"a=2"]


async def test_delta(served: Serving, channel: Any) -> None:
    served.publisher.publish(snapshot(endpoints("a", "1")))
    call = delta(channel)
    names = ["a", "missing"]
    await call.write(pb.DeltaDiscoveryRequest(type_url=EDS, node=node(), resource_names_subscribe=names))
    response = await call.read()
    (resource,) = response.resources
    assert (resource.name, resource.version) == ("a", endpoints("a", "1").version)
    assert (resource.resource.type_url, resource.resource.value) == (EDS, b"a=1")
    assert list(response.removed_resources) == ["missing"]


async def test_a_client_that_comes_before_the_first_snapshot_waits_for_it(served: Serving, channel: Any) -> None:
    call = sotw(channel)
    await call.write(request(node=node()))
    reading = asyncio.ensure_future(call.read())
    while not served.ledger.as_dict()["nodes"]:
        await asyncio.sleep(0)
    assert not reading.done()
    served.publisher.publish(ONE)
    assert len((await reading).resources) == 1


async def test_a_snapshot_before_the_first_request_does_not_end_the_call(served: Serving, channel: Any) -> None:
    call = sotw(channel)
    await call.wait_for_connection()
    while served.server.streams == 0:
        await asyncio.sleep(0)
    served.publisher.publish(ONE)
    await asyncio.sleep(0)
    await call.write(request(node=node()))
    assert len((await call.read()).resources) == 1


async def test_rule_1_an_illegal_request_ends_the_call_with_invalid_argument(served: Serving, channel: Any) -> None:
    served.publisher.publish(ONE)
    call = sotw(channel)
    await call.write(pb.DiscoveryRequest(node=node()))
    with pytest.raises(grpc.aio.AioRpcError, match="`type_url`") as refused:
        await call.read()
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_bytes_that_are_no_request_end_the_call_with_invalid_argument(served: Serving, channel: Any) -> None:
    method = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
    call = channel.stream_stream(method)()
    await call.write(b"\xff\xff")
    with pytest.raises(grpc.aio.AioRpcError, match="not a discovery request") as refused:
        await call.read()
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_nack_is_logged_counted_and_kept_in_the_ledger(served: Serving, channel: Any) -> None:
    served.publisher.publish(ONE)
    call = sotw(channel)
    await call.write(request(node=node()))
    response = await call.read()
    refusal = status_pb2.Status(code=3, message="a: no hosts")
    with structlog.testing.capture_logs() as logs:
        await call.write(request(response_nonce=response.nonce, error_detail=refusal))
        while not served.node("edge-1")["types"]["cds"]["nacked"]:
            await asyncio.sleep(0)
    version = ONE.of_type(CDS).version
    (line,) = [line for line in logs if line["event"] == "xds_nacked"]
    assert (line["node"], line["type"], line["resources"]) == ("edge-1", "cds", ["a"])
    assert (line["version"], line["reason"], line["log_level"]) == (version, "a: no hosts", "warning")
    known = served.node("edge-1")
    assert (known["version"], known["cluster"], known["connected"]) == ("1.40.0", "edge", True)
    assert known["types"]["cds"]["sent"]["version"] == version
    assert known["types"]["cds"]["acked"] is None
    assert known["types"]["cds"]["nacked"]["message"] == "a: no hosts"
    assert served.registry.get_sample_value("xds_nacks_total", {"type": "cds", "node": "edge-1"}) == 1
    assert served.registry.get_sample_value("xds_pushes_total", {"type": "cds"}) == 1


async def test_rule_13_a_stuck_client_does_not_slow_the_others_and_gets_the_newest_state(
    served: Serving, channel: Any
) -> None:
    """The stuck one reads nothing until far more has been published than any buffer holds."""
    megabyte = "x" * 2**20
    served.publisher.publish(snapshot(cluster("a", megabyte + "0")))
    async with grpc.aio.insecure_channel(str(served.address), [("grpc.use_local_subchannel_pool", 1)]) as other:
        stuck, brisk = sotw(other), sotw(channel)
        for call in (stuck, brisk):
            await call.write(request(node=node()))
        for number in range(1, 20):
            nonce = (await brisk.read()).nonce
            await brisk.write(request(response_nonce=nonce))
            served.publisher.publish(snapshot(cluster("a", f"{megabyte}{number}")))
        first = await stuck.read()
        await stuck.write(request(response_nonce=first.nonce))
        (newest,) = (await stuck.read()).resources
        assert newest.value.endswith(b"x19")


async def test_rule_16_connects_and_disconnects_leave_no_task(served: Serving, channel: Any) -> None:
    served.publisher.publish(ONE)
    before = len(asyncio.all_tasks())
    for number in range(200):
        call = sotw(channel) if number % 2 else delta(channel)
        if number % 4 < 2:
            await call.write(request(node=node()) if number % 2 else pb.DeltaDiscoveryRequest(type_url=CDS))
            await call.read()
        if number % 3:
            call.cancel()
        else:
            await call.done_writing()
            assert await call.read() is grpc.aio.EOF
    await nothing_left(served, before)


async def nothing_left(served: Serving, before: int) -> None:
    async with asyncio.timeout(20):
        while served.server.streams or len(asyncio.all_tasks()) > before:
            await asyncio.sleep(0.01)
    assert all(not known["connected"] for known in served.ledger.as_dict()["nodes"])


async def test_rule_16_stopping_ends_every_call_without_waiting_for_the_grace(tmp_path: Path) -> None:
    async with serving(tmp_path) as served, grpc.aio.insecure_channel(str(served.address)) as channel:
        served.publisher.publish(ONE)
        silent, talking = sotw(channel), sotw(channel)
        await silent.wait_for_connection()
        await talking.write(request(node=node()))
        await talking.read()
        async with asyncio.timeout(5):
            await served.server.stop(grace=30)
        assert await talking.read() is grpc.aio.EOF
        assert await talking.code() is grpc.StatusCode.OK
        assert served.server.streams == 0


async def test_rule_15_the_socket_is_for_its_owner_only(served: Serving) -> None:
    assert stat.S_IMODE(served.address.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "xds.example.com"])
def test_rule_15_nothing_is_served_beyond_loopback(served: Serving, host: str) -> None:
    with pytest.raises(ValueError, match="no loopback address"):
        AdsServer(Publisher(), served.ledger, [TcpAddress(host, 18000)])


def test_rule_15_beyond_loopback_it_takes_credentials(served: Serving) -> None:
    credentials = grpc.ssl_server_credentials([(b"", b"")], b"", require_client_auth=True)
    AdsServer(Publisher(), served.ledger, [TcpAddress("0.0.0.0", 18000)], credentials)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_rule_15_loopback_is_served(served: Serving, host: str) -> None:
    AdsServer(Publisher(), served.ledger, [TcpAddress(host, 18000)])


async def test_metrics_go_to_the_registry_that_was_given(served: Serving) -> None:
    assert isinstance(served.registry, CollectorRegistry)
    assert "xds_pushes" in {metric.name for metric in served.registry.collect()}
