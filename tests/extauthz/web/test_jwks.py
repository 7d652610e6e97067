import pytest

from tests.extauthz.web.world import RING, World

PATH = "/.well-known/pomerium/jwks.json"


@pytest.mark.parametrize("path", [PATH, f"/{PATH}"])
async def test_publishes_the_public_keys_and_may_be_cached_for_a_minute(world: World, path: str) -> None:
    answer = await world.get(path)
    assert answer.json() == RING.jwks()
    assert not {"d", "p", "q", "k"} & set(answer.json()["keys"][0])
    assert {name: answer.headers[name] for name in ("content-type", "cache-control", "etag")} == {
        "content-type": "application/json",
        "cache-control": "max-age=60",
        "etag": RING.etag,
    }
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("condition", [RING.etag, f"W/{RING.etag}", f'"other", {RING.etag}', "*"])
async def test_who_has_it_gets_304(world: World, condition: str) -> None:
    answer = await world.get(PATH, **{"if-none-match": condition})
    assert (answer.status_code, answer.content) == (304, b"")
    assert (answer.headers["etag"], answer.headers["cache-control"]) == (RING.etag, "max-age=60")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("condition", ["", '"other"', RING.etag.strip('"')])
async def test_who_has_something_else_gets_it_all(world: World, condition: str) -> None:
    assert (await world.get(PATH, **{"if-none-match": condition})).status_code == 200
