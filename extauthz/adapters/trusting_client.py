"""An HTTP client that begins to trust other authorities while requests are under way."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext

import httpx


@dataclass(slots=True)
class _Held:
    """A client, and what it was made for."""

    authorities: str
    """Whom it trusts besides those whom httpx trusts, PEM."""
    client: httpx.AsyncClient
    """The client; what it trusts cannot change."""
    users: int = 0
    """Requests under way on it."""


class TrustingClient:
    """Clients one after the other: a new one as soon as `authorities` gives something else.

    `make` makes one that trusts these authorities. A former client closes its connections after the last request on it.
    """

    def __init__(self, make: Callable[[str], httpx.AsyncClient], authorities: Callable[[], str]) -> None:
        self._make = make
        self._authorities = authorities
        self._held = self._made(authorities())

    @asynccontextmanager
    async def current(self) -> AsyncIterator[httpx.AsyncClient]:
        """The client for one request and its answer."""
        before, held = self._held, self._wanted()
        held.users += 1
        try:
            if before is not held and not before.users:
                await before.client.aclose()
            yield held.client
        finally:
            held.users -= 1
            if held is not self._held and not held.users:
                await held.client.aclose()

    async def aclose(self) -> None:
        """Close connections; nobody may ask for a client any more. Idempotent."""
        await self._held.client.aclose()

    def _wanted(self) -> _Held:
        authorities = self._authorities()
        if self._held.authorities != authorities:
            self._held = self._made(authorities)
        return self._held

    def _made(self, authorities: str) -> _Held:
        return _Held(authorities, self._make(authorities))


def tls_context(authorities_pem: str) -> SSLContext:
    """Trust whom httpx trusts, and these authorities too: PEM in ASCII, or nothing."""
    context = httpx.create_ssl_context()
    if authorities_pem:
        context.load_verify_locations(cadata=authorities_pem)
    return context
