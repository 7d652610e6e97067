"""The operations listener: probes, status and metrics."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from service_kit.addresses import UnixAddress
from service_kit.operations import Operations


@pytest.fixture
def operations() -> Operations:
    return Operations(CollectorRegistry())


@pytest.fixture
async def client(operations: Operations, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    operations.document("/large", lambda: {"answer": 42})
    socket = tmp_path / "operations.sock"
    transport = httpx.AsyncHTTPTransport(uds=str(socket))
    async with (
        operations.served(UnixAddress(socket)),
        httpx.AsyncClient(transport=transport, base_url="http://operations") as client,
    ):
        yield client


async def probe(client: httpx.AsyncClient) -> tuple[int, int, int]:
    startup, ready, alive = [(await client.get(path)).status_code for path in ("/startupz", "/readyz", "/healthz")]
    return startup, ready, alive


async def test_probes_follow_the_life_of_the_process(operations: Operations, client: httpx.AsyncClient) -> None:
    assert await probe(client) == (503, 503, 200)
    operations.started()
    assert await probe(client) == (200, 200, 200)
    operations.failed("envoy", "it ended")
    assert await probe(client) == (200, 503, 200)
    operations.recovered("envoy")
    assert await probe(client) == (200, 200, 200)
    operations.ending()
    assert await probe(client) == (200, 503, 200)


async def test_status_holds_each_component_and_what_failed(operations: Operations, client: httpx.AsyncClient) -> None:
    operations.describe("xds", lambda: {"nodes": []})
    operations.failed("envoy", "it ended")
    told = (await client.get("/status")).json()
    assert told["xds"] == {"nodes": []}
    assert told["process"] == {"ready": False, "started": False, "ending": False, "failures": {"envoy": "it ended"}}


async def test_documents_and_metrics(operations: Operations, client: httpx.AsyncClient) -> None:
    Counter("events_total", "Events", registry=operations.registry).inc()
    assert (await client.get("/large")).json() == {"answer": 42}
    metrics = await client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "events_total 1.0" in metrics.text


async def test_the_further_address_has_metrics_alone(operations: Operations, tmp_path: Path) -> None:
    socket = tmp_path / "metrics.sock"
    transport = httpx.AsyncHTTPTransport(uds=str(socket))
    async with (
        operations.metrics_served(UnixAddress(socket)),
        httpx.AsyncClient(transport=transport, base_url="http://operations") as client,
    ):
        codes = [(await client.get(path)).status_code for path in ("/metrics", "/status", "/healthz", "/xds")]
    assert codes == [200, 404, 404, 404]


async def test_nothing_can_be_changed_there(client: httpx.AsyncClient) -> None:
    assert (await client.post("/status")).status_code == 405
