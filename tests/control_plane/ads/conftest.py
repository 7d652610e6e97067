"""A server, and a real Envoy that is programmed by it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.control_plane.ads.serving import Serving, serving
from tests.harness import parts
from tests.harness.ports import free_ports
from tests.harness.processes import Process, running

NODE = "edge-1"


@dataclass(frozen=True)
class Programmed:
    """Envoy, the server that programs it, and two ports for its listeners."""

    served: Serving
    envoy: Process
    port: int
    upstream_port: int
    admin: Path
    delta: bool


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Serving]:
    async with serving(tmp_path) as started:
        yield started


@pytest.fixture(params=["GRPC", "DELTA_GRPC"])
async def programmed(request: pytest.FixtureRequest, tmp_path: Path, served: Serving) -> AsyncIterator[Programmed]:
    async with envoy_of(served, tmp_path, request.param) as started:
        yield started


@asynccontextmanager
async def envoy_of(served: Serving, folder: Path, api_type: str) -> AsyncIterator[Programmed]:
    bootstrap, admin = folder / "bootstrap.json", folder / "admin.sock"
    bootstrap.write_text(json.dumps(_bootstrap(served.address.path, admin, api_type)))
    command: list[str | Path] = [
        parts.envoy(),
        "-c",
        bootstrap,
        "--concurrency",
        "1",
        "--use-dynamic-base-id",
        "-l",
        "warn",
    ]
    with running(Process.start("envoy", command, folder=folder)) as envoy:
        port, upstream_port = free_ports(2)
        yield Programmed(served, envoy, port, upstream_port, admin, delta=api_type == "DELTA_GRPC")


def _bootstrap(xds: Path, admin: Path, api_type: str) -> dict[str, object]:
    over_ads = {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "60s"}
    soon = {"base_interval": "0.05s", "max_interval": "0.2s"}
    ads = {"envoy_grpc": {"cluster_name": "xds", "retry_policy": {"retry_back_off": soon}}}
    http2: dict[str, object] = {"explicit_http_config": {"http2_protocol_options": {}}}
    address = {"endpoint": {"address": {"pipe": {"path": str(xds)}}}}
    options = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    cluster = {
        "name": "xds",
        "type": "STATIC",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {"@type": options, **http2}
        },
        "load_assignment": {"cluster_name": "xds", "endpoints": [{"lb_endpoints": [address]}]},
    }
    return {
        "node": {"id": NODE, "cluster": "edge"},
        "admin": {"address": {"pipe": {"path": str(admin)}}},
        "dynamic_resources": {
            "ads_config": {"api_type": api_type, "transport_api_version": "V3", "grpc_services": [ads]},
            "cds_config": over_ads,
            "lds_config": over_ads,
        },
        "static_resources": {"clusters": [cluster]},
    }
