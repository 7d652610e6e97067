"""The operations listener: probes, status and metrics for whoever runs the service, never for its users.

It has no authentication, so it belongs on a Unix socket or on an address that only operators reach.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from ipaddress import ip_address
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from service_kit.addresses import Address, TcpAddress
from service_kit.web_server import serve_web

LOOPBACK_NAMES = ("localhost", "*.localhost", "127.0.0.1", "::1", "[::1]")

Report = Callable[[], Mapping[str, Any]]
"""What one component says of itself, as plain values fit for JSON."""


class Operations:
    """What a process says of itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        """Where every part of the process counts."""
        self._reports: dict[str, Report] = {}
        self._documents: dict[str, Report] = {}
        self._failures: dict[str, str] = {}
        self._started = False
        self._ending = False

    def describe(self, component: str, report: Report) -> None:
        """Show a component in `/status`."""
        self._reports[component] = report

    def document(self, path: str, report: Report) -> None:
        """Serve one more JSON document, such as `/xds`; to be called before the listener is opened.

        It may be large, so it is made on another thread.
        """
        self._documents[path] = report

    def started(self) -> None:
        """Every part is up."""
        self._started = True

    def ending(self) -> None:
        """The process is about to end: no new work should be sent to it."""
        self._ending = True

    def failed(self, component: str, reason: str) -> None:
        """A component cannot do its work; `/readyz` says so until it has recovered."""
        self._failures[component] = reason

    def recovered(self, component: str) -> None:
        """A component works, again or still."""
        self._failures.pop(component, None)

    @property
    def ready(self) -> bool:
        """Whether work may be sent here."""
        return self._started and not self._ending and not self._failures

    def status(self) -> dict[str, Any]:
        """The process and each component, as plain values."""
        process = {"ready": self.ready, "started": self._started, "ending": self._ending, "failures": self._failures}
        return {"process": process, **{name: report() for name, report in sorted(self._reports.items())}}

    def metrics(self) -> Response:
        """Everything counted, in Prometheus' text format."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

    @contextlib.asynccontextmanager
    async def served(self, address: Address) -> AsyncIterator[None]:
        """Answer on `address` while the block runs. Raises `WebServerFailed`."""
        async with serve_web(_for_this_machine(self._app(), address), address):
            yield

    @contextlib.asynccontextmanager
    async def metrics_served(self, address: Address) -> AsyncIterator[None]:
        """Answer `/metrics`, and nothing else, on a further address. Raises `WebServerFailed`."""
        async with serve_web(_for_this_machine(Starlette(routes=[self._metrics_route()]), address), address):
            yield

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/startupz", _probe(lambda: self._started)),
                Route("/readyz", _probe(lambda: self.ready)),
                Route("/healthz", _probe(lambda: True)),
                Route("/status", self._status),
                *(Route(path, _document(report)) for path, report in self._documents.items()),
                self._metrics_route(),
            ]
        )

    async def _status(self, _: Request) -> Response:
        return JSONResponse(self.status())

    def _metrics_route(self) -> Route:
        async def metrics(_: Request) -> Response:
            return self.metrics()

        return Route("/metrics", metrics)


def _for_this_machine(app: ASGIApp, address: Address) -> ASGIApp:
    """On loopback, answer to its names alone.

    A page in a browser of this machine could else read what its own name, made to lead to 127.0.0.1, answers (DNS
    rebinding).
    """
    if not isinstance(address, TcpAddress) or not _is_loopback(address.host):
        return app
    return TrustedHostMiddleware(app, [*LOOPBACK_NAMES, address.host], www_redirect=False)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _probe(holds: Callable[[], bool]) -> Callable[[Request], Any]:
    async def probe(_: Request) -> Response:
        return PlainTextResponse("OK\n") if holds() else PlainTextResponse("not ready\n", status_code=503)

    return probe


def _document(report: Report) -> Callable[[Request], Any]:
    async def document(_: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(report))

    return document
