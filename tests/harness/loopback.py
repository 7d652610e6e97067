"""httpx for hosts under `.localhost`, which are loopback by RFC 6761 section 6.3 but unknown to many resolvers."""

import ssl
from pathlib import Path

import httpx

from tests.harness.ports import LOOPBACK


def local_tls(authority: Path | None) -> ssl.SSLContext:
    """Return a context that trusts the PEM file `authority`, or this system's authorities."""
    return ssl.create_default_context(cafile=authority)


def is_local(host: str) -> bool:
    """Whether `host` is connected to on the loopback address."""
    return host == "localhost" or host.endswith(".localhost")


class LoopbackTransport(httpx.BaseTransport):
    """Connects `*.localhost` to 127.0.0.1; Host header, SNI and certificate check keep the name."""

    def __init__(self, context: ssl.SSLContext, *, http2: bool = False) -> None:
        self._context = context
        self._http2 = http2
        # One pool per host: connections are never shared by two names, as they are not in a browser.
        self._pools: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        pool = self._pools.setdefault(
            host, httpx.HTTPTransport(verify=self._context, trust_env=False, http2=self._http2)
        )
        return pool.handle_request(_to_loopback(request))

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()


class AsyncLoopbackTransport(httpx.AsyncBaseTransport):
    """The same, for asyncio."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._pools: dict[str, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        pool = self._pools.setdefault(host, httpx.AsyncHTTPTransport(verify=self._context, trust_env=False))
        return await pool.handle_async_request(_to_loopback(request))

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()


def local_client(authority: Path | None = None, *, timeout: float = 15) -> httpx.Client:
    """Return a plain client (no redirects followed) that reaches `*.localhost` and trusts `authority`."""
    return httpx.Client(transport=LoopbackTransport(local_tls(authority)), timeout=timeout)


def local_async_client(authority: Path | None = None, *, timeout: float = 15) -> httpx.AsyncClient:
    """Return the same for asyncio."""
    return httpx.AsyncClient(transport=AsyncLoopbackTransport(local_tls(authority)), timeout=timeout)


def _to_loopback(request: httpx.Request) -> httpx.Request:
    if not is_local(request.url.host):
        return request
    return httpx.Request(
        request.method,
        request.url.copy_with(host=LOOPBACK),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
