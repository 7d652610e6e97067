"""An ADS server for a test, and a bare client to talk to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from envoy.service.discovery.v3 import discovery_pb2 as pb
from prometheus_client import CollectorRegistry

from control_plane.ads import AdsServer, Publisher
from control_plane.ledger import Ledger
from service_kit.addresses import UnixAddress

PREFIX = "/envoy.service.discovery.v3.AggregatedDiscoveryService/"


@dataclass(frozen=True)
class Serving:
    """A running server and its parts."""

    server: AdsServer
    publisher: Publisher
    ledger: Ledger
    registry: CollectorRegistry
    address: UnixAddress

    def node(self, node_id: str) -> dict[str, Any]:
        (found,) = [node for node in self.ledger.as_dict()["nodes"] if node["id"] == node_id]
        assert isinstance(found, dict)
        return found


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Serving]:
    registry = CollectorRegistry()
    publisher, ledger = Publisher(), Ledger(lambda: datetime.now(UTC), registry)
    address = UnixAddress(folder / "xds.sock")
    server = AdsServer(publisher, ledger, [address])
    await server.start()
    try:
        yield Serving(server, publisher, ledger, registry, address)
    finally:
        await server.stop(grace=1)


def sotw(channel: grpc.aio.Channel) -> Any:
    return channel.stream_stream(
        PREFIX + "StreamAggregatedResources",
        pb.DiscoveryRequest.SerializeToString,
        pb.DiscoveryResponse.FromString,
    )()


def delta(channel: grpc.aio.Channel) -> Any:
    return channel.stream_stream(
        PREFIX + "DeltaAggregatedResources",
        pb.DeltaDiscoveryRequest.SerializeToString,
        pb.DeltaDiscoveryResponse.FromString,
    )()
