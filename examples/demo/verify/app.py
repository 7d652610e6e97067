"""The demo's application: shows each request that reached it, and judges the assertion it carries.

Run it with `python app.py --port 9081`, or with any ASGI server through the factory `app:create_app`. It uses nothing
of the proxy's code: whatever it believes, it has verified with the public keys alone, as any application can.
"""

import argparse
import json
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import uvicorn
from joserfc import jws
from joserfc.errors import JoseError
from judge import Keys, Verdict, judge
from keys import KeySource
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

ASSERTION = "x-pomerium-jwt-assertion"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
MAX_HOSTS = 64
PAGES = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator of this application says."""

    name: str = "Verify"
    """Title of the page."""
    jwks_url: str = "https://{host}/.well-known/pomerium/jwks.json"
    """Where the proxy publishes its keys; `{host}` stands for the host of the request, with its port."""
    ca_file: str | None = None
    """PEM file of the authorities that vouch for that URL; None means those of this system."""
    connect_to: str | None = None
    """`host:port` to connect to for the keys instead of the one in the URL."""
    public_hosts: tuple[str, ...] = ()
    """The names this application is served under, without port. If none is given, the one that the proxy says
    (`X-Forwarded-Host`) is taken: good enough for a demo, not for an application that others can reach directly."""


@dataclass(slots=True)
class Verify:
    """The application's one endpoint."""

    settings: Settings
    """What the operator said."""
    sources: dict[str, KeySource] = field(default_factory=dict)
    """The key sets seen so far, by URL."""

    async def answer(self, request: Request) -> Response:
        """Answer any request with the page, or with JSON if the path is `/json` or the client prefers it."""
        host = request.headers.get("x-forwarded-host", request.headers.get("host", ""))
        hosts = self.settings.public_hosts or (_without_port(host),)
        tokens = request.headers.getlist(ASSERTION)
        keys = await self._keys(host, hosts, tokens)
        verdict = judge(tokens, keys, hosts, time.time())
        seen = _seen(request)
        if request.url.path == "/json" or _prefers_json(request.headers.get("accept", "")):
            body = {"valid": verdict.valid, "checks": [asdict(check) for check in verdict.checks]}
            body |= {"header": verdict.header, "claims": verdict.claims} | seen
            return JSONResponse(body, headers={"cache-control": "no-store"})
        return self._page(verdict, seen)

    async def close(self) -> None:
        """Close the connections to the key sets."""
        for source in self.sources.values():
            await source.close()

    async def _keys(self, host: str, hosts: Sequence[str], tokens: Sequence[str]) -> Keys:
        url = self.settings.jwks_url.replace("{host}", host)
        if not tokens:
            return Keys(None, url, "not fetched, there is nothing to verify")
        if _without_port(host) not in hosts:
            return Keys(None, url, f"not fetched, this application is not `{host}`")
        if url not in self.sources and len(self.sources) >= MAX_HOSTS:
            return Keys(None, url, "not fetched, there were too many hosts")
        source = self.sources.setdefault(url, KeySource(url, self.settings.ca_file, self.settings.connect_to))
        return await source.get(_kid(tokens[0]))

    def _page(self, verdict: Verdict, seen: Mapping[str, Any]) -> Response:
        nonce = secrets.token_urlsafe(16)
        claims = [(name, json.dumps(value, ensure_ascii=False)) for name, value in verdict.claims.items()]
        html = PAGES.get_template("page.html").render(
            name=self.settings.name, verdict=verdict, claims=claims, seen=seen, nonce=nonce
        )
        policy = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
        return HTMLResponse(html, headers={"content-security-policy": policy, "cache-control": "no-store"})


def _seen(request: Request) -> dict[str, Any]:
    raw_path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return {
        "method": request.method,
        "path": f"{raw_path}?{query}" if query else raw_path,
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.headers.raw],
    }


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() and name else host).lower()


def _kid(token: str) -> object:
    try:
        return jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return None


def _prefers_json(accept: str) -> bool:
    return "application/json" in accept and "text/html" not in accept


def create_app(settings: Settings | None = None) -> Starlette:
    """Build the application; without `settings`, from the environment (`VERIFY_JWKS_URL`, `VERIFY_CA_FILE`, …)."""
    verify = Verify(settings or settings_from(os.environ))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await verify.close()

    return Starlette(routes=[Route("/{path:path}", verify.answer, methods=METHODS)], lifespan=lifespan)


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Read `VERIFY_NAME`, `VERIFY_JWKS_URL`, `VERIFY_CA_FILE`, `VERIFY_CONNECT_TO`, `VERIFY_PUBLIC_HOSTS`."""
    default = Settings()
    return Settings(
        name=environment.get("VERIFY_NAME", default.name),
        jwks_url=environment.get("VERIFY_JWKS_URL", default.jwks_url),
        ca_file=environment.get("VERIFY_CA_FILE"),
        connect_to=environment.get("VERIFY_CONNECT_TO"),
        public_hosts=tuple(environment.get("VERIFY_PUBLIC_HOSTS", "").replace(",", " ").split()),
    )


def main() -> None:
    """Serve until a signal; prints `{"listening": "http://..."}` when it accepts connections."""
    default = settings_from(os.environ)
    parser = argparse.ArgumentParser(description="Shows the request that reached it and judges its assertion.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=9081, help="port to listen on, 0 for any (%(default)s)")
    parser.add_argument("--name", default=default.name, help="title of the page (%(default)s)")
    parser.add_argument("--jwks-url", default=default.jwks_url, help="the proxy's keys (%(default)s)")
    parser.add_argument("--ca-file", default=default.ca_file, help="PEM file of the authorities behind that URL")
    parser.add_argument("--connect-to", default=default.connect_to, help="host:port to fetch the keys from instead")
    parser.add_argument(
        "--public-host", action="append", default=list(default.public_hosts), help="name it is served under"
    )
    given = parser.parse_args()
    settings = Settings(given.name, given.jwks_url, given.ca_file, given.connect_to, tuple(given.public_host))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning", access_log=False))
    with socket.create_server((given.host, given.port), backlog=128) as listener:
        # The kernel accepts connections from here on.
        print(json.dumps({"listening": f"http://{given.host}:{listener.getsockname()[1]}"}), flush=True)
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
