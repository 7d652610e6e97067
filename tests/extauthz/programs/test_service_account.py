"""A service account at the door: in headers it is somebody, in a cookie nobody."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from extauthz.known_sessions import record_use
from extauthz.programs.service_account import NewServiceAccount, Wanted, new_service_account
from tests.extauthz.web.world import APP, COOKIE, NOW, OTHER, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.close()


async def account(world: World, groups: tuple[str, ...] = ("ops",)) -> NewServiceAccount:
    wanted = Wanted("ci-bot", NOW + timedelta(days=1), "ci@example.com", "CI", groups, "deploys")
    made = new_service_account(wanted, b"i" * 16, b"t" * 32, NOW)
    await world.store.save_sign_in(made.session, made.user, made.handle)
    return made


@pytest.mark.parametrize("host", [APP, OTHER])
@pytest.mark.parametrize(
    "form",
    ["x-pomerium-authorization: {}", "authorization: Pomerium {}", "authorization: Bearer Pomerium-{}"],
)
async def test_its_token_says_who_it_is_on_every_host(world: World, host: str, form: str) -> None:
    made = await account(world)
    assert made.token not in repr(made)
    name, _, value = form.format(made.token).partition(": ")
    claims = (await world.get("/.pomerium/user", host, **{name: value})).json()
    assert (claims["sub"], claims["email"], claims["groups"]) == ("ci-bot", "ci@example.com", ["ops"])
    assert claims["sid"] == made.session.id


async def test_its_token_is_no_cookie(world: World) -> None:
    made = await account(world)
    assert (await world.get("/.pomerium/user", APP, cookie=f"{COOKIE}={made.token}")).status_code == 401


async def test_it_ends_when_it_was_to_end(world: World) -> None:
    made = await account(world)
    world.now = NOW + timedelta(days=1)
    assert (await world.get("/.pomerium/user", APP, **{"x-pomerium-authorization": made.token})).status_code == 401


async def test_it_ends_when_it_is_revoked(world: World) -> None:
    made = await account(world)
    await world.store.end_session(made.session.id, NOW)
    assert (await world.get("/.pomerium/user", APP, **{"x-pomerium-authorization": made.token})).status_code == 401


async def test_it_does_not_idle_out(world: World) -> None:
    made = await account(world)
    world.model = replace(world.model, idle_timeout=timedelta(minutes=30))
    later = NOW + timedelta(hours=2)
    known = await world.store.find_session(made.session.id, later)
    assert known is not None
    await record_use(world.services, known, later)
    known = await world.store.find_session(made.session.id, later + timedelta(hours=20))
    assert known is not None
    assert (known.session.last_seen, known.session.idle_end) == (later, None)
