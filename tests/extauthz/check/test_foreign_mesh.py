"""An Envoy that someone else programs: no hardening, no raw headers, no route ids; it knows one address of ours."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from extauthz.grpc_check import CheckService, serve_check
from service_kit.addresses import UnixAddress
from tests.extauthz.check.world import APP, BROWSER, COOKIE, NOW, OPEN, RING, World
from tests.harness import parts
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.processes import Process, running
from tests.harness.raw_http import RawResponse, get_raw, send_raw
from tests.harness.upstream import Upstream, recording_upstream

pytestmark = pytest.mark.end_to_end

FILTERS = "type.googleapis.com/envoy.extensions.filters"
OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
HTML = [f"{name}: {value}" for name, value in BROWSER]


def cluster(name: str, address: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A cluster of one endpoint."""
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    return {"name": name, "load_assignment": {"cluster_name": name, "endpoints": endpoints}, **more}


def tcp(port: int) -> dict[str, Any]:
    """A loopback address."""
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}


def configuration(port: int, check: Path, upstream: int) -> dict[str, Any]:
    """The shortest configuration that asks `Check`."""
    ask = {"envoy_grpc": {"cluster_name": "check"}, "timeout": "5s"}
    filters = [
        {
            "name": "ext_authz",
            "typed_config": {
                "@type": f"{FILTERS}.http.ext_authz.v3.ExtAuthz",
                "transport_api_version": "V3",
                "grpc_service": ask,
            },
        },
        {"name": "router", "typed_config": {"@type": f"{FILTERS}.http.router.v3.Router"}},
    ]
    hosts = [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "app"}}]}]
    manager = {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "mesh",
        "route_config": {"virtual_hosts": hosts},
        "http_filters": filters,
    }
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    http2 = {
        OPTIONS: {"@type": f"type.googleapis.com/{OPTIONS}", "explicit_http_config": {"http2_protocol_options": {}}}
    }
    return {
        "static_resources": {
            "listeners": [{"name": "in", "address": tcp(port), "filter_chains": [chain]}],
            "clusters": [
                cluster("check", {"pipe": {"path": str(check)}}, typed_extension_protocol_options=http2),
                cluster("app", tcp(upstream)),
            ],
        }
    }


@dataclass
class Mesh:
    """The running whole."""

    port: int
    """Where clients reach Envoy."""
    upstream: Upstream
    """What it protects."""

    async def get(self, host: str, target: str, *headers: str) -> RawResponse:
        """Send one request as written."""
        return await asyncio.to_thread(send_raw, self.port, get_raw(host, target, *headers))

    async def post(self, host: str, target: str, *headers: str) -> RawResponse:
        """The same with POST and an empty body."""
        data = get_raw(host, target, *headers, "Content-Length: 0").replace(b"GET", b"POST", 1)
        return await asyncio.to_thread(send_raw, self.port, data)


@pytest.fixture
async def mesh(world: World, tmp_path: Path) -> AsyncIterator[Mesh]:
    """Run Envoy between a recording upstream and the service."""
    envoy, port, address = parts.envoy(), free_port(), UnixAddress(tmp_path / "check.sock")
    with recording_upstream() as upstream:
        file = tmp_path / "envoy.json"
        file.write_text(json.dumps(configuration(port, address.path, upstream.port)))
        command: list[str | Path] = [
            envoy,
            "-c",
            file,
            "--concurrency",
            "1",
            "--log-level",
            "error",
            "--use-dynamic-base-id",
        ]
        async with serve_check(CheckService(world.check), address):
            with running(Process.start("envoy", command, folder=tmp_path)) as process:
                await asyncio.to_thread(process.wait_until, lambda: listens(port), what="listening")
                yield Mesh(port, upstream)


def listens(port: int) -> bool:
    """Whether somebody accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


async def test_one_address_is_the_whole_integration(mesh: Mesh, world: World) -> None:
    value = await world.sign_in()
    own = f"Cookie: a=1; {COOKIE}={value}; b=2"

    redirected = await mesh.get(APP, "/deep", *HTML)
    assert redirected.status == 302
    assert len(redirected.values("set-cookie")) == 1
    assert (await mesh.get(APP, "/deep")).status == 401
    assert (await mesh.get("nobody.example.com", "/")).status == 404
    for target in ("/public/../x", "/public/%2e%2e/x", "//x", "/public/..;/x", "/public%2f..%2fx", "/%2epomerium/../x"):
        assert (await mesh.get(APP, target)).status == 400
    keys = await mesh.get(APP, "//.well-known/pomerium/jwks.json")
    assert (keys.status, json.loads(keys.body)["keys"][0]["kid"]) == (200, RING.keys[0].kid)
    page = await mesh.get(APP, "/.pomerium/", *HTML, own)
    assert page.status == 200
    assert b"alice@example.com" in page.body
    assert mesh.upstream.requests == []

    assert (await mesh.get(APP, "/x?y=z", own)).status == 200
    arrived = mesh.upstream.last()
    assert (arrived.target, arrived.value("cookie")) == ("/x?y=z", "a=1; b=2")
    assert RING.verify(arrived.value("x-pomerium-jwt-assertion") or "", NOW)["sub"] == "alice"


async def test_grpc_clients_get_trailers(mesh: Mesh) -> None:
    denied = await mesh.post(APP, "/p.S/M", "Content-Type: application/grpc")
    assert (denied.status, denied.values("grpc-status")) == (200, ["16"])
    assert denied.values("content-type") == ["application/grpc"]
    assert denied.values("grpc-message") != []
    web = await mesh.post(APP, "/p.S/M", "Content-Type: application/grpc-web+proto")
    assert (web.status, web.values("grpc-status")) == (200, ["16"])
    assert web.values("content-type") == ["application/grpc-web+proto"]
    assert mesh.upstream.requests == []


async def test_what_a_client_forges_does_not_arrive(mesh: Mesh, world: World) -> None:
    forged = ["X_Pomerium_Jwt_Assertion", "X-Pomerium-Jwt-Assertion", "x-email", "X_Email", "X-Forwarded-User"]
    lines = [f"{name}: FAKE" for name in forged for _ in range(2)]
    assert (await mesh.get(OPEN, "/", *lines, "Connection: close, x-pomerium-jwt-assertion")).status == 200
    arrived = mesh.upstream.last()
    assert b"FAKE" not in arrived.head
    assert len(arrived.values("x-pomerium-jwt-assertion")) == 1
    assert arrived.values("x-email") == [""]
    token = await world.sign_in()
    assert (
        await mesh.get(APP, "/", f"Authorization: Bearer Pomerium-{token}", "X-Pomerium-Authorization: y")
    ).status == 401
    assert (await mesh.get(APP, "/", f"Authorization: Bearer Pomerium-{token}")).status == 200
    assert token.encode() not in mesh.upstream.last().head
    two = await mesh.get(APP, "/", f"Authorization: Bearer Pomerium-{token}", "Authorization: Basic YTpi")
    assert two.status == 401


async def test_ones_own_authorization_arrives(mesh: Mesh, world: World) -> None:
    cookie = f"Cookie: {COOKIE}={await world.sign_in()}"
    assert (await mesh.get(APP, "/", cookie, "Authorization: Basic YTpi")).status == 200
    assert mesh.upstream.last().values("authorization") == ["Basic YTpi"]
    assert mesh.upstream.last().values("cookie") == []


async def test_bytes_that_are_no_text(mesh: Mesh) -> None:
    assert (await mesh.get(OPEN, "/", "X-Name: caf\xe9", "Cookie: a=\xe9")).status == 200
    assert b"a=\xe9" in mesh.upstream.last().head
    assert (await mesh.get(OPEN, "/\xff")).status == 400
    assert len(mesh.upstream.requests) == 1
