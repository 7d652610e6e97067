"""Kept copies of what a provider publishes (metadata, keys): asked for lazily, seldom, and by one request at a time.

A copy serves ten minutes. Whoever found it wanting may ask for a new one, but between two requests lie ten seconds, so
that tokens with made-up key ids cannot make us hammer the provider. While the provider fails, the last good copy serves
up to a day, and the pause between attempts doubles from one second to thirty.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from extauthz.oidc.errors import NotAsked, ProviderUnavailable
from extauthz.oidc.http import Freshness, HttpRequest, HttpResponse

FRESH = timedelta(minutes=10)
THROTTLE = timedelta(seconds=10)
STALE = timedelta(hours=24)
MAX_PAUSE_SECONDS = 30
MAX_DOCUMENTS = 32
HTTP_OK = 200

Fetch = Callable[[HttpRequest], Awaitable[HttpResponse]]

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Document:
    """What is known of one URL."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    good: HttpResponse | None = None
    fetched: datetime = NEVER
    tried: datetime = NEVER
    failures: int = 0

    def due(self, freshness: Freshness, now: datetime) -> bool:
        """Whether the provider is to be asked."""
        if self.failures:
            return now >= self.tried + timedelta(seconds=min(2 ** (self.failures - 1), MAX_PAUSE_SECONDS))
        return now >= self.fetched + (FRESH if freshness is Freshness.KEPT else THROTTLE)

    def served(self, now: datetime) -> HttpResponse | None:
        """The last good copy, unless it is too old to be believed."""
        return self.good if self.good is not None and now < self.fetched + STALE else None


class DocumentCache:
    """Bounded; safe for concurrent use within one event loop."""

    def __init__(self, fetch: Fetch, clock: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._documents: dict[str, _Document] = {}

    async def get(self, request: HttpRequest) -> HttpResponse:
        """A copy as fresh as may be; raises `ProviderUnavailable` when there is none and none can be had."""
        document = self._document(request.url)
        async with document.lock:  # who waited here finds a fresh copy, or a fresh failure
            now = self._clock()
            if document.due(request.freshness, now):
                return await self._renew(document, request, now)
            served = document.served(now)
        if served is None:
            raise NotAsked(f"`{request.url}` did not answer a moment ago; it is asked again soon")
        return served

    async def _renew(self, document: _Document, request: HttpRequest, now: datetime) -> HttpResponse:
        document.tried = now
        try:
            response = await self._fetch(request)
            if response.status != HTTP_OK:
                raise ProviderUnavailable(f"`{request.url}` answered {response.status}")
        except ProviderUnavailable:
            document.failures += 1
            served = document.served(now)
            if served is None:
                raise
            return served
        document.good, document.fetched, document.failures = response, now, 0
        return response

    def _document(self, url: str) -> _Document:
        if url not in self._documents and len(self._documents) >= MAX_DOCUMENTS:
            del self._documents[min(self._documents, key=lambda each: self._documents[each].tried)]
        return self._documents.setdefault(url, _Document())
