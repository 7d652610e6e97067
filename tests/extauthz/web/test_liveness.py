import pytest

from session_store.repository import StoreUnavailable
from tests.extauthz.web.world import APP, AUTH, World


@pytest.mark.parametrize("path", ["/ping", "/healthz"])
@pytest.mark.parametrize("host", [APP, AUTH])
async def test_says_ok_on_every_host(world: World, path: str, host: str) -> None:
    answer = await world.get(path, host)
    assert (answer.status_code, answer.text) == (200, "OK\n")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_takes_no_other_method(world: World, method: str) -> None:
    answer = await world.send(method, "/ping")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_does_not_ask_the_store(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(type(world.store), "find_by_handle", gone)
    assert (await world.get("/healthz")).status_code == 200
