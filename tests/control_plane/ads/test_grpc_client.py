"""The server against gRPC's own xDS client, which shares nothing with Envoy's and subscribes by names.

https://grpc.github.io/grpc/core/md_doc_grpc_xds_features.html
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from control_plane.snapshot import Resource, Snapshot
from tests.control_plane.ads.messages import api_listener, eds_cluster, endpoints, forwarding
from tests.control_plane.ads.serving import Serving

pytestmark = pytest.mark.end_to_end

NODE = "grpc-1"
PROGRAM = Path(__file__).with_name("grpc_client.py")


@asynccontextmanager
async def echo(answer: str) -> AsyncIterator[int]:
    """A service that always gives this answer; yields its port."""

    async def say(_: bytes, __: Any) -> bytes:
        return answer.encode()

    server = grpc.aio.server()
    handlers = {"Say": grpc.unary_unary_rpc_method_handler(say)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Echo", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield port
    finally:
        await server.stop(grace=0)


class Client:
    """The client program."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"\n")
        async with asyncio.timeout(30):
            return (await self._process.stdout.readline()).decode().strip()

    async def until(self, answer: str) -> None:
        async with asyncio.timeout(30):
            while await self.ask() != answer:
                pass


@asynccontextmanager
async def client_of(served: Serving) -> AsyncIterator[Client]:
    xds = {"server_uri": str(served.address), "channel_creds": [{"type": "insecure"}], "server_features": ["xds_v3"]}
    bootstrap = json.dumps({"xds_servers": [xds], "node": {"id": NODE}})
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "GRPC_XDS_BOOTSTRAP_CONFIG": bootstrap},
    )
    try:
        yield Client(process)
    finally:
        process.kill()
        await process.communicate()


def to(cluster: str, port: int, *, filters: bool = True) -> list[Resource]:
    return [
        api_listener("echo", "routes", filters=filters),
        forwarding("routes", cluster),
        eds_cluster(cluster),
        endpoints(cluster, port),
    ]


async def test_grpc_is_served_follows_changes_and_keeps_what_it_had_when_it_refuses(served: Serving) -> None:
    async with AsyncExitStack() as stack:
        one, two = [await stack.enter_async_context(echo(answer)) for answer in ("one", "two")]
        served.publisher.publish(Snapshot.build([*to("a", one), api_listener("other", "routes")]))
        client = await stack.enter_async_context(client_of(served))
        assert await client.ask() == "one"
        served.publisher.publish(Snapshot.build(to("a", two)))
        await client.until("two")
        served.publisher.publish(Snapshot.build(to("b", one)))
        await client.until("one")
        served.publisher.publish(Snapshot.build(to("b", one, filters=False)))
        async with asyncio.timeout(20):
            while not served.node(NODE)["types"]["lds"]["nacked"]:
                await asyncio.sleep(0.01)
        assert await client.ask() == "one"
        assert "echo" in served.node(NODE)["types"]["lds"]["nacked"]["message"]
