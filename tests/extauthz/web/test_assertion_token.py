from tests.extauthz.web.world import APP, NOW, RING, World, a_model


async def test_is_not_there_unless_switched_on(world: World) -> None:
    assert (await world.get("/.pomerium/jwt", **await world.sign_in())).status_code == 404


async def test_shows_an_assertion_for_this_host(world: World) -> None:
    world.model = a_model(jwt_endpoint=True)
    answer = await world.get("/.pomerium/jwt", **await world.sign_in())
    claims = RING.verify(answer.text, NOW)
    assert answer.headers["content-type"] == "application/jwt"
    assert answer.headers["cache-control"] == "no-store"
    assert (claims["sub"], claims["aud"], claims["iss"], claims["department"]) == ("alice", APP, APP, "research")


async def test_each_one_is_fresh(world: World) -> None:
    world.model = a_model(jwt_endpoint=True)
    headers = await world.sign_in()
    tokens = [(await world.get("/.pomerium/jwt", **headers)).text for _ in range(2)]
    assert len({RING.verify(token, NOW)["jti"] for token in tokens}) == 2


async def test_needs_a_session(world: World) -> None:
    world.model = a_model(jwt_endpoint=True)
    assert (await world.get("/.pomerium/jwt")).status_code == 401
