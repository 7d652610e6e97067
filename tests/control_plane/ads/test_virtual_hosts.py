"""Virtual hosts as resources of their own, with a real Envoy in Delta; in state of the world the same, in one piece."""

import asyncio

import httpx

from control_plane.snapshot import Resource, Snapshot
from tests.control_plane.ads.conftest import NODE, Programmed
from tests.control_plane.ads.messages import discovering, host, listener
from tests.control_plane.ads.serving import serving
from tests.control_plane.ads.test_envoy import publish, pytestmark, until

__all__ = ["pytestmark"]


def hosts(programmed: Programmed, *served: Resource) -> list[Resource]:
    """A listener, routes without any host, and these hosts."""
    return [listener("edge", programmed.port, "main"), discovering("main"), *served]


async def answer(programmed: Programmed, domain: str) -> tuple[int, str]:
    """What a host is answered; status 0 when nobody listens."""
    async with httpx.AsyncClient() as client:
        try:
            response = await client.get(f"http://127.0.0.1:{programmed.port}/", headers={"host": domain})
        except httpx.TransportError:
            return 0, ""
    return response.status_code, response.text


async def until_answered(programmed: Programmed, domain: str, expected: tuple[int, str]) -> None:
    async def is_answered() -> bool:
        return await answer(programmed, domain) == expected

    await until(is_answered, programmed)


async def test_the_listener_answers_once_the_hosts_are_there_and_never_before(programmed: Programmed) -> None:
    publish(programmed, *hosts(programmed, host("main", "a.test", "a")))
    while (first := await answer(programmed, "a.test"))[0] == 0:
        await asyncio.sleep(0.005)
    assert first == (200, "a")


async def test_hosts_come_change_and_go(programmed: Programmed) -> None:
    publish(programmed, *hosts(programmed, host("main", "a.test", "a"), host("main", "b.test", "b")))
    await until_answered(programmed, "b.test", (200, "b"))
    publish(programmed, *hosts(programmed, host("main", "b.test", "B"), host("main", "c.test", "c")))
    for domain, expected in (("a.test", (404, "")), ("b.test", (200, "B")), ("c.test", (200, "c"))):
        await until_answered(programmed, domain, expected)
    known = programmed.served.node(NODE)["types"]
    assert ("vhds" in known) is programmed.delta
    assert all(record["nacked"] is None for record in known.values())


async def test_one_bad_host_changes_nothing_and_what_came_with_it_counts_once_it_is_corrected(
    programmed: Programmed,
) -> None:
    publish(programmed, *hosts(programmed, host("main", "a.test", "a"), host("main", "b.test", "b")))
    await until_answered(programmed, "b.test", (200, "b"))
    changed = host("main", "b.test", "B")
    publish(programmed, *hosts(programmed, host("main", "a.test", "x", regex="("), changed))
    kind = "vhds" if programmed.delta else "rds"

    async def is_refused() -> bool:
        return bool(programmed.served.node(NODE)["types"][kind]["nacked"])

    await until(is_refused, programmed)
    assert await answer(programmed, "a.test") == (200, "a")
    assert await answer(programmed, "b.test") == (200, "b")
    publish(programmed, *hosts(programmed, host("main", "a.test", "A"), changed))
    await until_answered(programmed, "a.test", (200, "A"))
    await until_answered(programmed, "b.test", (200, "B"))


async def test_a_restarted_control_plane_sends_what_changed_meanwhile(programmed: Programmed) -> None:
    publish(programmed, *hosts(programmed, host("main", "a.test", "a"), host("main", "b.test", "b")))
    await until_answered(programmed, "b.test", (200, "b"))
    await programmed.served.server.stop(grace=1)
    assert await answer(programmed, "a.test") == (200, "a")
    async with serving(programmed.served.address.path.parent) as again:
        again.publisher.publish(Snapshot.build(hosts(programmed, host("main", "b.test", "B"))))
        await until_answered(programmed, "b.test", (200, "B"))
        await until_answered(programmed, "a.test", (404, ""))
