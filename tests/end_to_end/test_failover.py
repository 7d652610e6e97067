"""Two decision services on PostgreSQL, whose primary dies and whose standby takes its place."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import httpx
import pytest

from session_store.repository import SessionStore
from tests.end_to_end.people import COOKIE, ask, sign_in, store_of
from tests.harness.identity_provider import BOB
from tests.harness.loopback import local_async_client
from tests.harness.postgresql_pair import PostgresqlPair, postgresql_pair
from tests.harness.replicas import replicas_on
from tests.harness.stack import APP, Stack

WITHOUT_A_PRIMARY = 3
"""Seconds until somebody promotes the standby."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything that runs."""

    stack: Stack
    database: PostgresqlPair


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with postgresql_pair() as pair, replicas_on(tmp_path_factory.mktemp("failover"), pair.url) as (stack, _other):
        yield Fleet(stack, pair)


@pytest.fixture
async def store(fleet: Fleet) -> AsyncIterator[SessionStore]:
    async with store_of(fleet.stack.config, fleet.database.url) as opened:
        yield opened


@pytest.fixture
async def client(fleet: Fleet) -> AsyncIterator[httpx.AsyncClient]:
    async with local_async_client(fleet.stack.certificate.authority) as opened:
        yield opened


@pytest.mark.timeout(120)
async def test_the_standby_takes_over_and_nobody_passes_who_must_not(
    fleet: Fleet, store: SessionStore, client: httpx.AsyncClient
) -> None:
    stack, now = fleet.stack, datetime.now(UTC)
    people = {name: await sign_in(store, name) for name in ("known", "unseen", "signed-out", "unseen-signed-out")}
    people["stranger"] = f"{COOKIE}={'x' * 43}"
    for name in ("known", "signed-out"):
        assert [await ask(client, stack, people[name]) for _ in range(4)] == [HTTPStatus.OK] * 4
    for name in ("signed-out", "unseen-signed-out"):
        await store.end_session(name, now)

    answers: Counter[tuple[str, int]] = Counter()

    async def everybody_asks() -> None:
        given = await asyncio.gather(*(ask(client, stack, cookie) for cookie in people.values()))
        answers.update(zip(people, given, strict=True))

    fleet.database.kill_primary()
    began = time.monotonic()
    while time.monotonic() - began < WITHOUT_A_PRIMARY:
        await everybody_asks()
    await asyncio.to_thread(fleet.database.promote_standby)
    promoted = time.monotonic()
    while [await ask(client, stack, people["unseen"]) for _ in range(2)] != [HTTPStatus.OK] * 2:
        await everybody_asks()
        assert time.monotonic() - promoted < 15, "the decision services do not recover"
    print(f"\n{time.monotonic() - promoted:.1f} s from the promotion until both serve; meanwhile {dict(answers)}")

    assert {status for name, status in answers if name == "known"} == {HTTPStatus.OK}
    out = {"signed-out", "unseen-signed-out", "stranger"}
    refusals = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.UNAUTHORIZED}
    assert {status for name, status in answers if name in out} <= refusals
    for name, cookie in people.items():
        expected = HTTPStatus.UNAUTHORIZED if name in out else HTTPStatus.OK
        assert [await ask(client, stack, cookie) for _ in range(4)] == [expected] * 4, name


async def test_afterwards_people_sign_in_and_out_and_every_replica_hears_of_it(
    fleet: Fleet, store: SessionStore, client: httpx.AsyncClient
) -> None:
    def signs_in() -> None:
        with fleet.stack.signed_in(BOB, APP):
            pass

    await asyncio.to_thread(signs_in)
    cookie = await sign_in(store, "late")
    assert [await ask(client, fleet.stack, cookie) for _ in range(4)] == [HTTPStatus.OK] * 4
    await store.end_session("late", datetime.now(UTC))
    began = time.monotonic()
    while [await ask(client, fleet.stack, cookie) for _ in range(2)] != [HTTPStatus.UNAUTHORIZED] * 2:
        assert time.monotonic() - began < 1
