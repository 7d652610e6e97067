"""A crowd of clients at one ADS server: a thousand come and go, fifty never read; does anyone else notice?"""

import asyncio
import logging
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import structlog
from envoy.config.core.v3 import base_pb2
from envoy.service.discovery.v3 import discovery_pb2 as pb
from prometheus_client import CollectorRegistry

from control_plane.ads import AdsServer, Publisher
from control_plane.ledger import Ledger
from control_plane.snapshot import Resource, Snapshot, TypeUrl
from service_kit.addresses import UnixAddress

STREAM = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
CONNECTS, STUCK, PUSHES = 1_000, 50, 100
BODY = bytes(64 * 1024)
"""Large enough that the stuck ones' windows fill up."""


def _snapshot(number: int) -> Snapshot:
    return Snapshot.build([Resource("main", TypeUrl.CLUSTER, BODY + number.to_bytes(4, "big"))])


async def crowd(folder: Path) -> dict[str, Any]:
    """Push latency alone and beside fifty stuck clients, and what a thousand comings and goings leave behind."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    publisher = Publisher()
    address = UnixAddress(folder / "xds.sock")
    server = AdsServer(publisher, Ledger(lambda: datetime.now(UTC), CollectorRegistry()), [address])
    publisher.publish(_snapshot(0))
    await server.start()
    try:
        tasks = len(asyncio.all_tasks())
        alone = await _pushes(address, publisher, 1)
        await _come_and_go(address)
        while server.streams:  # noqa: ASYNC110 - the server offers no event for it
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        left = len(asyncio.all_tasks()) - tasks
        async with grpc.aio.insecure_channel(str(address), [("grpc.use_local_subchannel_pool", 1)]) as channel:
            stuck = [await _open(channel, f"stuck-{number}") for number in range(STUCK)]
            beside = await _pushes(address, publisher, 1_000)
            for call in stuck:
                call.cancel()
    finally:
        await server.stop(1)
    return {
        "connects": CONNECTS,
        "tasks_left": left,
        "stuck_clients": STUCK,
        "push_seconds_alone": _summary(alone),
        "push_seconds_beside_stuck": _summary(beside),
    }


async def _open(channel: Any, name: str) -> Any:
    call = channel.stream_stream(
        STREAM,
        request_serializer=pb.DiscoveryRequest.SerializeToString,
        response_deserializer=pb.DiscoveryResponse.FromString,
    )()
    await call.write(pb.DiscoveryRequest(type_url=TypeUrl.CLUSTER, node=base_pb2.Node(id=name)))
    return call


async def _come_and_go(address: UnixAddress) -> None:
    async with grpc.aio.insecure_channel(str(address)) as channel:
        for number in range(CONNECTS):
            call = await _open(channel, f"passing-{number}")
            await call.read()
            call.cancel()


async def _pushes(address: UnixAddress, publisher: Publisher, first: int) -> list[float]:
    """Seconds from publishing to having read, for one well-behaved client."""
    seconds = []
    async with grpc.aio.insecure_channel(str(address), [("grpc.use_local_subchannel_pool", 1)]) as channel:
        call = await _open(channel, "well-behaved")
        response = await call.read()
        for number in range(first, first + PUSHES):
            answer = pb.DiscoveryRequest(
                type_url=TypeUrl.CLUSTER, version_info=response.version_info, response_nonce=response.nonce
            )
            await call.write(answer)
            await asyncio.sleep(0.005)  # let the answer arrive: only then is the next push due
            begun = time.perf_counter()
            publisher.publish(_snapshot(number))
            response = await call.read()
            seconds.append(time.perf_counter() - begun)
        call.cancel()
    return seconds


def _summary(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {"p50": round(statistics.median(ordered), 5), "p99": round(ordered[int(len(ordered) * 0.99) - 1], 5)}
