"""One running Ostiary whose routes have every option, and the upstreams behind them."""

import json
import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.obedient_upstream import ObedientUpstream, obedient_upstream
from tests.harness.ports import LOOPBACK
from tests.harness.stack import Stack, running_stack

UPSTREAM_NAME = "upstream.internal"
"""The only name in the certificate of the TLS upstreams, whose address is another."""
PAIR = ("a", "b")
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" rx="16"'
    ' fill="#c5562f"/><circle cx="32" cy="32" r="16" fill="#fff"/></svg>'
)
KUBERNETES_TOKEN = "the-token-of-a-service-account"


@dataclass(frozen=True, slots=True)
class World:
    """The stack, and the upstreams that do as they are told."""

    stack: Stack
    """The running whole."""
    program: httpx.Client
    """A client without cookies that follows no redirects."""
    upstreams: Mapping[str, ObedientUpstream]
    """By name."""

    def get(self, host: str, target: str = "/", **options: Any) -> httpx.Response:
        """Ask for a target on `<host>.localhost`."""
        return self.program.get(self.stack.url(f"{host}.localhost", target), **options)

    def seen(self, host: str, target: str = "/", **options: Any) -> "Seen":
        """The same; what the upstream saw."""
        answer = self.get(host, target, **options)
        assert answer.status_code == 200, answer.text
        return Seen(**json.loads(answer.text))


@dataclass(frozen=True, slots=True)
class Seen:
    """What an upstream saw of a request."""

    name: str
    """Which upstream it was."""
    target: str
    """The target of the request."""
    headers: list[list[str]]
    """Names and values."""

    def value(self, name: str) -> str | None:
        """The only value of a header, None without it."""
        values = [value for key, value in self.headers if key.lower() == name]
        assert len(values) <= 1, values
        return values[0] if values else None


@pytest.fixture(scope="package")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("options")
    (folder / "upstream").mkdir()
    certificate = make_certificate(folder / "upstream", [UPSTREAM_NAME], client=True)
    with ExitStack() as running:
        upstreams = {name: running.enter_context(obedient_upstream(name)) for name in PAIR}
        socket = folder / "upstream.sock"
        upstreams["socket"] = running.enter_context(obedient_upstream("socket", socket_path=socket))
        for name, context in (("tls", _server(certificate)), ("mutual", _server(certificate, mutual=True))):
            upstreams[name] = running.enter_context(obedient_upstream(name, tls=context))
        ports = {name: each.port for name, each in upstreams.items()} | {"grpc": running.enter_context(_grpc_server())}
        routes = _routes(ports, socket, certificate)
        stack = running.enter_context(running_stack(folder, routes=routes))
        yield World(stack, running.enter_context(stack.program()), upstreams)


@pytest.fixture
def world(_world: World) -> World:
    for upstream in _world.upstreams.values():
        upstream.begin_anew()
    return _world


def _routes(ports: Mapping[str, int], socket: Path, certificate: ServerCertificate) -> list[dict[str, Any]]:
    a, b = (f"http://{LOOPBACK}:{ports[name]}" for name in PAIR)
    tls, mutual = (f"https://{LOOPBACK}:{ports[name]}" for name in ("tls", "mutual"))
    named = {"tls_server_name": UPSTREAM_NAME}
    verified = named | {"tls_custom_ca_file": str(certificate.authority)}
    shown = {"tls_client_cert_file": str(certificate.chain), "tls_client_key_file": str(certificate.key)}
    probe = [{"interval": "1s", "timeout": "1s", "http_health_check": {"path": "/probe"}}]
    bad_probe = [
        {"interval": "1s", "http_health_check": {"path": "/probe", "expected_statuses": [{"start": 299, "end": 300}]}}
    ]
    tcp_probe = [{"interval": "1s", "tcp_health_check": {}}]
    options: list[tuple[str, dict[str, Any]]] = [
        ("order", {"to": a}),
        ("order", {"to": b, "regex": "/.*/low", "regex_priority_order": 1}),
        ("order", {"regex": "/first/.*", "regex_priority_order": 2, "response": {"status": 200, "body": "high"}}),
        ("path", {"to": a, "prefix": "/strip", "prefix_rewrite": "/"}),
        ("path", {"to": f"{a}/not-used", "prefix": "/deep/", "prefix_rewrite": "/v2"}),
        ("path", {"to": a, "path": "/exact", "prefix_rewrite": "/other"}),
        (
            "path",
            {
                "to": a,
                "prefix": "/service/",
                "regex_rewrite_pattern": "^/service/([^/]+)(/.*)$",
                "regex_rewrite_substitution": "\\2/instance/\\1",
            },
        ),
        ("host-literal", {"to": a, "host_rewrite": "app.internal:81"}),
        ("host-header", {"to": a, "host_rewrite_header": "X-Upstream-Host"}),
        (
            "host-path",
            {
                "to": a,
                "host_path_regex_rewrite_pattern": "^/([^/]+)/.*$",
                "host_path_regex_rewrite_substitution": "\\1.internal",
            },
        ),
        (
            "headers",
            {
                "to": a,
                "remove_request_headers": ["X-Debug"],
                "set_response_headers": {"X-Frame-Options": "DENY", "X-Share": "100%"},
                "rewrite_response_headers": [
                    {"header": "Location", "prefix": "http://internal/", "value": "https://outside/"},
                    {"header": "Location", "prefix": "http://", "value": "https://"},
                    {"header": "Link", "prefix": "<http://internal/", "value": "</"},
                ],
            },
        ),
        ("timeout", {"to": a, "timeout": "300ms"}),
        ("idle", {"to": a, "timeout": "0s", "idle_timeout": "300ms"}),
        ("upgrades", {"to": a, "allow_websockets": True, "prefix": "/websocket"}),
        ("upgrades", {"to": tls, "allow_websockets": True, "prefix": "/tls", "tls_skip_verify": True}),
        ("upgrades", {"to": a, "allow_spdy": True, "prefix": "/spdy"}),
        ("upgrades", {"to": a, "allow_upgrades": ["chat/2"], "prefix": "/other"}),
        ("upgrades", {"to": a}),
        ("grpc", {"to": f"h2c://{LOOPBACK}:{ports['grpc']}"}),
        ("socket", {"to": f"unix://{socket}"}),
        ("weights", {"to": [f"{a},1", f"{b},1000"]}),
        *((policy.lower(), {"to": [a, b], "load_balancing_policy": policy}) for policy in POLICIES),
        ("unhealthy", {"to": a, "health_checks": bad_probe, "healthy_panic_threshold": 0}),
        ("panic", {"to": a, "health_checks": bad_probe}),
        ("healthy", {"to": a, "health_checks": probe, "healthy_panic_threshold": 0}),
        ("open-port", {"to": a, "health_checks": tcp_probe, "healthy_panic_threshold": 0}),
        ("shut-port", {"to": f"http://{LOOPBACK}:1", "health_checks": tcp_probe, "healthy_panic_threshold": 0}),
        (
            "grpc-probe",
            {
                "to": f"h2c://{LOOPBACK}:{ports['grpc']}",
                "health_checks": [{"interval": "1s", "grpc_health_check": {"service_name": "nobody"}}],
                "healthy_panic_threshold": 0,
            },
        ),
        (
            "outliers",
            {
                "to": a,
                "outlier_detection": {"consecutive_5xx": 2, "max_ejection_percent": 100},
                "healthy_panic_threshold": 0,
            },
        ),
        ("breaker", {"to": a, "circuit_breaker_thresholds": {"max_requests": 1}}),
        ("tls-default", {"to": tls}),
        ("tls-skip", {"to": tls, "tls_skip_verify": True}),
        ("tls-unnamed", {"to": tls, "tls_custom_ca_file": str(certificate.authority)}),
        ("tls-unknown", {"to": tls} | named),
        ("tls-verified", {"to": tls} | verified),
        (
            "tls-inline",
            {
                "to": tls,
                "tls_custom_ca": certificate.authority.read_text(),
                "tls_server_name": "wrong.internal",
                "tls_upstream_server_name": UPSTREAM_NAME,
            },
        ),
        ("mutual", {"to": mutual} | verified | shown),
        ("mutual-without", {"to": mutual} | verified),
        ("redirect", {"prefix": "/old", "redirect": {"prefix_rewrite": "/new", "response_code": 302}}),
        (
            "redirect",
            {
                "path": "/moved",
                "redirect": {
                    "scheme_redirect": "http",
                    "host_redirect": "new.example.com",
                    "port_redirect": 8080,
                    "path_redirect": "/there",
                    "strip_query": True,
                    "response_code": 308,
                },
            },
        ),
        (
            "response",
            {
                "response": {"status": 503, "body": "<p>Back at noon.</p>"},
                "set_response_headers": {"Content-Type": "text/html"},
            },
        ),
        (
            "logo",
            {
                "response": {"body": PICTURE},
                "set_response_headers": {"Content-Type": "image/svg+xml"},
                "name": "Pictures",
                "description": "Where the picture of this route comes from, in a line that is long enough to wrap",
                "logo_url": "https://logo.localhost:{port}/logo.svg",
            },
        ),
        ("tunnel", {"from": "tcp+https://tunnel.localhost:22", "to": f"tcp://{LOOPBACK}:{ports['a']}"}),
        ("limited", {"to": a, "rate_limit": {"requests": 2, "interval": "1h"}}),
    ]
    public = {"allow_public_unauthenticated_access": True}
    signed_in = {"allow_any_authenticated_user": True}
    protected: list[tuple[str, dict[str, Any]]] = [
        ("private", {"to": a, "allow_websockets": True, "prefix": "/websocket"}),
        ("private", {"from": "tcp+https://private-tunnel.localhost:22", "to": f"tcp://{LOOPBACK}:{ports['a']}"}),
        ("private", {"redirect": {"path_redirect": "/elsewhere"}, "path": "/redirect"}),
        ("private", {"response": {"body": "for members"}, "path": "/response"}),
        (
            "told",
            {
                "to": a,
                "set_request_headers": {
                    "X-Signed": "signed ${pomerium.jwt}",
                    "X-Price": "$$5",
                    "X-Agent": '${pomerium.request.headers["User-Agent"]}',
                },
                "pass_identity_headers": False,
            },
        ),
        (
            "named",
            {
                "to": a,
                "jwt_claims_headers": {"X-Who": "email", "X-Email": "name"},
                "jwt_issuer_format": "uri",
                "preserve_host_header": True,
            },
        ),
        ("kubernetes", {"to": a, "kubernetes_service_account_token": KUBERNETES_TOKEN}),
        ("page.site", {"to": a, "depends_on": ["api.site.localhost:{port}", "files.site.localhost:{port}"]}),
        ("api.site", {"to": b, "set_response_headers": _SHARED}),
        ("files.site", {"to": b, "set_response_headers": _SHARED}),
        ("alone.site", {"to": b, "set_response_headers": _SHARED}),
    ]
    return [
        {"from": f"https://{host}.localhost:{{port}}"} | keys | access
        for given, access in ((options, public), (protected, signed_in))
        for host, keys in given
    ]


_SHARED = {
    "Access-Control-Allow-Origin": "https://page.site.localhost:{port}",
    "Access-Control-Allow-Credentials": "true",
}
"""Lets scripts of one page read the answer to a request with cookies."""
POLICIES = ("ROUND_ROBIN", "LEAST_REQUEST", "RANDOM", "RING_HASH", "MAGLEV")


def _server(certificate: ServerCertificate, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    if mutual:
        context.load_verify_locations(certificate.authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class _GrpcServer:
    def __init__(self) -> None:
        self.server = grpc.server(ThreadPoolExecutor(2))
        echo = grpc.unary_unary_rpc_method_handler(lambda request, context: request[::-1])
        self.server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Echo", {"Reverse": echo})])
        self.port: int = self.server.add_insecure_port(f"{LOOPBACK}:0")

    def __enter__(self) -> int:
        self.server.start()
        return self.port

    def __exit__(self, *_: object) -> None:
        self.server.stop(None).wait()


def _grpc_server() -> _GrpcServer:
    return _GrpcServer()
