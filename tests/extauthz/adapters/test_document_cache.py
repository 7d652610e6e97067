import asyncio
from datetime import timedelta

import pytest

from extauthz.adapters.document_cache import FRESH, MAX_DOCUMENTS, STALE, THROTTLE, DocumentCache
from extauthz.oidc.errors import ProviderUnavailable
from extauthz.oidc.http import Freshness, HttpRequest, HttpResponse
from tests.extauthz.oidc.fake_provider import NOW

URL = "https://id.example.com/jwks"
KEPT = HttpRequest("GET", URL, freshness=Freshness.KEPT)
RENEWED = HttpRequest("GET", URL, freshness=Freshness.RENEWED)


class Origin:
    """Counts, and answers with its count; or fails."""

    def __init__(self) -> None:
        self.now = NOW
        self.asked = 0
        self.down = False
        self.status = 200
        self.cache = DocumentCache(self.fetch, lambda: self.now)

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise ProviderUnavailable("down")
        return HttpResponse(self.status, "application/json", str(self.asked).encode())

    async def get(self, request: HttpRequest = KEPT) -> bytes:
        return (await self.cache.get(request)).body


async def test_a_copy_serves_until_it_is_not_fresh() -> None:
    origin = Origin()
    assert await origin.get() == b"1"
    origin.now += FRESH - timedelta(seconds=1)
    assert await origin.get() == b"1"
    origin.now += timedelta(seconds=1)
    assert await origin.get() == b"2"


async def test_a_thousand_requests_for_a_new_copy_ask_once_per_interval() -> None:
    origin = Origin()
    await origin.get()
    origin.now += THROTTLE
    copies = await asyncio.gather(*(origin.get(RENEWED) for _ in range(1000)))
    assert origin.asked == 2
    assert set(copies) == {b"2"}
    origin.now += THROTTLE
    assert await origin.get(RENEWED) == b"3"


async def test_many_at_once_ask_once() -> None:
    origin = Origin()
    assert set(await asyncio.gather(*(origin.get() for _ in range(50)))) == {b"1"}
    assert origin.asked == 1


async def test_a_failing_origin_is_asked_less_and_less_often() -> None:
    origin = Origin()
    origin.down = True
    asked = []
    for _ in range(120):
        with pytest.raises(ProviderUnavailable):
            await origin.get()
        asked.append(origin.asked)
        origin.now += timedelta(seconds=1)
    assert asked[-1] <= 10
    origin.down = False
    origin.now += timedelta(seconds=30)
    assert await origin.get() == str(origin.asked).encode()


async def test_many_at_once_share_a_failure() -> None:
    origin = Origin()
    origin.down = True
    outcomes = await asyncio.gather(*(origin.get() for _ in range(50)), return_exceptions=True)
    assert all(isinstance(outcome, ProviderUnavailable) for outcome in outcomes)
    assert origin.asked == 1


@pytest.mark.parametrize("status", [0, 302, 404, 500])
async def test_the_last_good_copy_outlives_an_outage_for_a_day(status: int) -> None:
    origin = Origin()
    await origin.get()
    origin.down, origin.status = status == 0, status
    origin.now += STALE - timedelta(seconds=1)
    assert await origin.get() == b"1"
    origin.now += timedelta(seconds=31)
    with pytest.raises(ProviderUnavailable):
        await origin.get()


async def test_it_is_bounded() -> None:
    origin = Origin()
    for number in range(MAX_DOCUMENTS * 3):
        await origin.get(HttpRequest("GET", f"{URL}/{number}", freshness=Freshness.KEPT))
        origin.now += timedelta(milliseconds=1)
    assert len(origin.cache._documents) == MAX_DOCUMENTS


async def test_a_cancelled_request_leaves_the_next_one_free() -> None:
    origin = Origin()
    first = asyncio.create_task(origin.get())
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await origin.get() == b"2"
