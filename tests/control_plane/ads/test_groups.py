"""A node gets its group's resources only: by `group` in its metadata, or else by its cluster."""

from pathlib import Path
from typing import Any

import grpc
from envoy.config.core.v3 import base_pb2
from envoy.service.discovery.v3 import discovery_pb2 as pb

from tests.control_plane.ads.serving import serving, sotw
from tests.control_plane.xds.world import CDS, cluster, snapshot

FOR_ALL = snapshot(cluster("all", "1"))
FOR_EDGE = snapshot(cluster("all", "1"), cluster("edge", "1"))


async def _names(channel: Any, node: Any) -> list[bytes]:
    call = sotw(channel)
    await call.write(pb.DiscoveryRequest(type_url=CDS, node=node))
    response = await call.read()
    call.cancel()
    return [resource.value for resource in response.resources]


async def test_each_node_gets_its_group(tmp_path: Path) -> None:
    async with serving(tmp_path) as served, grpc.aio.insecure_channel(str(served.address)) as channel:
        served.publisher.publish(FOR_ALL, {"edge": FOR_EDGE})
        by_metadata = base_pb2.Node(id="a", cluster="x")
        by_metadata.metadata["group"] = "edge"
        elsewhere = base_pb2.Node(id="b", cluster="edge")
        elsewhere.metadata["group"] = "inner"
        assert await _names(channel, by_metadata) == [b"all=1", b"edge=1"]
        assert await _names(channel, base_pb2.Node(id="c", cluster="edge")) == [b"all=1", b"edge=1"]
        assert await _names(channel, elsewhere) == [b"all=1"], "metadata beats the cluster"
        assert await _names(channel, base_pb2.Node(id="d")) == [b"all=1"]
