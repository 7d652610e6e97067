"""Two replicas that rotate signing keys over one store: what must hold for whoever verifies, whatever the store."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from access_model.model import AssertionSettings
from access_model.secret import Secret
from extauthz.assertion.rotation import JWKS_MAX_AGE, SHOWN_AFTER, SHOWN_BEFORE, signing_order
from extauthz.workers.key_rotation import CHORE, KeyRotation
from extauthz.workers.lease import LENGTH, Lease
from session_store.records import KEYS_CHANGED, SigningKey
from session_store.repository import SessionStore
from tests.session_store.samples import DAY, HOUR, MINUTE, NOW, SECOND, signing_key

PERIOD = 30 * DAY


@dataclass
class Replica:
    """One process: it rotates, and signs and publishes with the keys that it has read last."""

    name: str
    store: SessionStore
    fleet: "Fleet"
    published: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        lease = Lease(self.store, CHORE, self.name, lambda: self.fleet.now)
        self.worker = KeyRotation(lease, lambda: self.fleet.settings, self.fleet.fresh)

    async def read(self) -> None:
        self.published = [key.kid for key in signing_order(await self.store.signing_keys())]

    def sign(self) -> str:
        return self.published[0]


class Fleet:
    """Two replicas and a clock."""

    def __init__(self, store: SessionStore) -> None:
        self.now = NOW
        self.settings = AssertionSettings("x-assertion", None, key_rotation=PERIOD)
        self.numbers = count()
        self.replicas = [Replica(name, store, self) for name in ("one", "other")]

    def fresh(self, now: datetime) -> SigningKey:
        return signing_key(str(next(self.numbers)), now)

    async def round(self) -> None:
        await asyncio.gather(*(replica.worker.round() for replica in self.replicas))

    async def read(self) -> None:
        for replica in self.replicas:
            await replica.read()


class RotationContract:
    """Subclass it with a fixture `store` that gives an empty store."""

    async def test_replicas_that_start_at_once_agree(self, store: SessionStore) -> None:
        fleet = Fleet(store)
        await fleet.round()
        await fleet.read()
        one, other = fleet.replicas
        assert one.published == other.published
        assert len(one.published) == 2

    async def test_a_verifier_that_remembers_keys_for_a_minute_never_meets_an_unknown_one(
        self, store: SessionStore
    ) -> None:
        fleet = Fleet(store)
        await fleet.round()
        await fleet.read()
        one, other = fleet.replicas
        seen, fetched, signers = list(one.published), fleet.now, set()
        fleet.now += PERIOD - 3 * MINUTE
        while fleet.now < NOW + PERIOD + SHOWN_AFTER + 2 * MINUTE:
            if fleet.now - fetched >= JWKS_MAX_AGE:
                seen, fetched = list(other.published), fleet.now  # whom it asks, not who signs
            await fleet.round()
            await one.read()  # the other one hears of it twenty seconds later
            assert {one.sign(), other.sign()} <= {*seen}
            signers |= {one.sign(), other.sign()}
            fleet.now += 20 * SECOND
            await other.read()
        assert len(signers) == 2
        assert len(one.published) == 2  # the old one is gone, the one after is shown

    async def test_at_the_end_of_a_period_the_key_is_exchanged_once(self, store: SessionStore) -> None:
        fleet = Fleet(store)
        await fleet.round()
        position = await store.latest_change()
        fleet.now += PERIOD
        await fleet.round()
        await fleet.round()
        assert [change.kind for change in await store.changes_since(position)] == [KEYS_CHANGED]
        assert sorted(key.phase for key in await store.signing_keys()) == ["current", "next", "previous"]

    async def test_who_has_not_the_lease_does_nothing_and_takes_over_when_the_other_is_gone(
        self, store: SessionStore
    ) -> None:
        fleet = Fleet(store)
        one, other = fleet.replicas
        await one.worker.round()
        fleet.now += PERIOD
        await store.hold_lease(CHORE, "one", fleet.now, fleet.now + LENGTH)
        await other.worker.round()
        assert len(await store.signing_keys()) == 2
        fleet.now += LENGTH
        await other.worker.round()
        assert len(await store.signing_keys()) == 3

    async def test_where_the_operator_gives_the_key_the_store_is_left_alone(self, store: SessionStore) -> None:
        fleet = Fleet(store)
        fleet.settings = AssertionSettings("x-assertion", Secret.of("PEM"))
        await fleet.round()
        assert list(await store.signing_keys()) == []

    async def test_a_withdrawn_key_is_deleted(self, store: SessionStore) -> None:
        fleet = Fleet(store)
        for step in (timedelta(0), PERIOD, SHOWN_AFTER, HOUR):
            fleet.now += step
            await fleet.round()
        assert "kid-0" not in {key.kid for key in await store.signing_keys()}
        assert SHOWN_AFTER > SHOWN_BEFORE
