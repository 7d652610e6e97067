"""The operations listener: probes, status and metrics."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from service_kit.addresses import TcpAddress, UnixAddress
from service_kit.operations import Operations
from tests.harness.ports import free_port


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


@pytest.mark.parametrize("alone", [False, True], ids=["listener", "metrics alone"])
async def test_on_loopback_it_answers_to_no_name_that_was_made_to_lead_there(
    operations: Operations, alone: bool
) -> None:
    address = TcpAddress("127.0.0.1", free_port())
    serving = operations.metrics_served(address) if alone else operations.served(address)
    async with serving, httpx.AsyncClient(base_url=f"http://{address}") as client:
        for host in ("localhost", f"LocalHost:{address.port}", str(address), "[::1]:9", "ops.localhost"):
            assert (await client.get("/metrics", headers={"host": host})).status_code == 200, host
        for host in (
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            f"evil.example:{address.port}",
        ):
            assert (await client.get("/metrics", headers={"host": host})).status_code == 400, host


async def test_elsewhere_it_answers_to_every_name(operations: Operations) -> None:
    """A scraper comes by whatever name the network has for us."""
    address = TcpAddress("0.0.0.0", free_port())
    async with operations.served(address), httpx.AsyncClient(base_url=f"http://127.0.0.1:{address.port}") as client:
        assert (await client.get("/healthz", headers={"host": "ostiary.monitoring.svc"})).status_code == 200
