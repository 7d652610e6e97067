"""The server against real Envoy, in both variants of the protocol."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from control_plane.snapshot import Resource, Snapshot
from tests.control_plane.ads.conftest import NODE, Programmed
from tests.control_plane.ads.messages import answering, eds_cluster, endpoints, forwarding, listener
from tests.control_plane.ads.serving import serving

pytestmark = pytest.mark.end_to_end

SOON = 20
"""Seconds. Below Envoy's patience with a resource that does not come, which is 60 here."""


def publish(programmed: Programmed, *resources: Resource) -> Snapshot:
    snapshot = Snapshot.build(resources)
    programmed.served.publisher.publish(snapshot)
    return snapshot


async def until(condition: Callable[[], Awaitable[bool]], programmed: Programmed) -> None:
    try:
        async with asyncio.timeout(SOON):
            while not await condition():
                assert programmed.envoy.running, programmed.envoy.output()
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"{programmed.served.ledger.as_dict()}\n{programmed.envoy.output()}")


async def served_text(programmed: Programmed, client: httpx.AsyncClient) -> str:
    try:
        return (await client.get(f"http://127.0.0.1:{programmed.port}/")).text
    except httpx.TransportError:
        return ""


async def until_served(text: str, programmed: Programmed) -> None:
    async with httpx.AsyncClient() as client:

        async def is_served() -> bool:
            return await served_text(programmed, client) == text

        await until(is_served, programmed)


async def until_acked(programmed: Programmed, snapshot: Snapshot, **types: str) -> None:
    async def is_acked() -> bool:
        known = programmed.served.node(NODE)["types"]
        return all(
            known[name]["acked"] and known[name]["acked"]["version"] == snapshot.of_type(type_url).version
            for name, type_url in types.items()
        )

    await until(is_acked, programmed)


async def test_envoy_serves_what_is_published_and_follows_changes(programmed: Programmed) -> None:
    edge = listener("edge", programmed.port, "main")
    publish(programmed, edge, answering("main", "one"))
    await until_served("one", programmed)
    snapshot = publish(programmed, edge, answering("main", "two"))
    await until_served("two", programmed)
    await until_acked(programmed, snapshot, rds=answering("main", "").type_url, lds=edge.type_url)
    known = programmed.served.node(NODE)
    assert (known["version"], known["connected"]) == ("1.40.0", True)
    assert all(record["nacked"] is None for record in known["types"].values())


async def test_envoy_refuses_a_listener_keeps_the_last_one_and_recovers(programmed: Programmed) -> None:
    edge, main = listener("edge", programmed.port, "main"), answering("main", "good")
    publish(programmed, edge, main)
    await until_served("good", programmed)
    bad = publish(programmed, listener("edge", programmed.port, "main", host="not an address"), main)

    async def is_refused() -> bool:
        return bool(programmed.served.node(NODE)["types"]["lds"]["nacked"])

    await until(is_refused, programmed)
    nack = programmed.served.node(NODE)["types"]["lds"]["nacked"]
    assert nack["version"] == bad.of_type(edge.type_url).version
    assert nack["resources"] == ["edge"]
    assert "malformed IP address: not an address" in nack["message"]
    samples = {"type": "lds", "node": NODE}
    assert programmed.served.registry.get_sample_value("xds_nacks_total", samples) == 1
    await until_served("good", programmed)
    snapshot = publish(programmed, edge, answering("main", "better"))
    await until_served("better", programmed)
    await until_acked(programmed, snapshot, lds=edge.type_url)


def chain(programmed: Programmed, name: str, *, connect_timeout: int = 1) -> list[Resource]:
    """Edge listener, route, cluster and endpoints, and the listener upstream that answers."""
    return [
        listener("edge", programmed.port, "main"),
        forwarding("main", name),
        eds_cluster(name, connect_timeout=connect_timeout),
        endpoints(name, programmed.upstream_port),
        listener("upstream", programmed.upstream_port, "answer"),
        answering("answer", "hello"),
    ]


async def test_rule_9_a_changed_cluster_with_unchanged_endpoints_becomes_warm(programmed: Programmed) -> None:
    publish(programmed, *chain(programmed, "a"))
    await until_served("hello", programmed)
    publish(programmed, *chain(programmed, "a", connect_timeout=7))
    transport = httpx.AsyncHTTPTransport(uds=str(programmed.admin))
    async with httpx.AsyncClient(transport=transport, base_url="http://admin") as admin:

        async def is_active() -> bool:
            dump = await admin.get("/config_dump", params={"resource": "dynamic_active_clusters"})
            return '"connect_timeout": "7s"' in dump.text

        await until(is_active, programmed)
    await until_served("hello", programmed)


async def test_rule_12_no_request_fails_while_a_route_moves_to_another_cluster(programmed: Programmed) -> None:
    publish(programmed, *chain(programmed, "a"))
    await until_served("hello", programmed)
    async with httpx.AsyncClient() as client:
        for name in ("b", "c", "a"):
            snapshot = publish(programmed, *chain(programmed, name))
            moved = asyncio.create_task(
                until_acked(programmed, snapshot, cds=eds_cluster(name).type_url, rds=forwarding("", "").type_url)
            )
            while not moved.done():
                response = await client.get(f"http://127.0.0.1:{programmed.port}/")
                assert (response.status_code, response.text) == (200, "hello")
            await moved


async def test_rule_10_envoy_comes_back_to_a_restarted_control_plane(programmed: Programmed) -> None:
    edge = listener("edge", programmed.port, "main")
    first = publish(programmed, edge, answering("main", "one"))
    await until_served("one", programmed)
    await programmed.served.server.stop(grace=1)
    await until_served("one", programmed)
    async with serving(programmed.served.address.path.parent) as again:
        again.publisher.publish(first)

        async def is_known() -> bool:
            nodes = again.ledger.as_dict()["nodes"]
            return bool(nodes) and all(nodes[0]["types"].get(name, {}).get("acked") for name in ("cds", "lds", "rds"))

        await until(is_known, programmed)
        (known,) = again.ledger.as_dict()["nodes"]
        assert known["types"]["lds"]["sent"] is None, "a wildcard of the same version is not sent again"
        if programmed.delta:
            assert known["types"]["rds"]["sent"] is None, "nor is what `initial_resource_versions` says it has"
        again.publisher.publish(Snapshot.build([edge, answering("main", "two")]))
        await until_served("two", programmed)
