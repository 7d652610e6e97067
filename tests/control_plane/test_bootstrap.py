"""The bootstrap: one Delta ADS stream, bounded memory and connections, nothing secret."""

import json
from typing import Any

import pytest

from control_plane.bootstrap import BootstrapSettings, render_bootstrap
from control_plane.translate.addresses import UnusableAddress


def rendered(**changes: Any) -> dict[str, Any]:
    settings = {"node_id": "n", "node_cluster": "c", "xds": "unix:///run/xds.sock", "admin": "unix:///run/admin.sock"}
    values: dict[str, Any] = json.loads(render_bootstrap(BootstrapSettings(**{**settings, **changes})))
    return values


def test_everything_comes_over_one_delta_ads_stream() -> None:
    dynamic = rendered()["dynamic_resources"]
    assert dynamic["ads_config"]["api_type"] == "DELTA_GRPC"
    assert dynamic["ads_config"]["grpc_services"] == [{"envoy_grpc": {"cluster_name": "ostiary-xds"}}]
    for source in (dynamic["lds_config"], dynamic["cds_config"]):
        assert source == {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}


@pytest.mark.parametrize(
    ("xds", "address"),
    [
        ("unix:///run/xds.sock", {"pipe": {"path": "/run/xds.sock"}}),
        ("unix:/run/xds.sock", {"pipe": {"path": "/run/xds.sock"}}),
        ("127.0.0.1:9000", {"socket_address": {"address": "127.0.0.1", "port_value": 9000}}),
        ("[::1]:9000", {"socket_address": {"address": "::1", "port_value": 9000}}),
    ],
)
def test_the_ads_server_is_reached_by_socket_or_address(xds: str, address: dict[str, Any]) -> None:
    (cluster,) = rendered(xds=xds)["static_resources"]["clusters"]
    assert (cluster["name"], cluster["type"]) == ("ostiary-xds", "STATIC")
    (locality,) = cluster["load_assignment"]["endpoints"]
    assert locality["lb_endpoints"] == [{"endpoint": {"address": address}}]


def test_a_named_ads_server_is_resolved() -> None:
    (cluster,) = rendered(xds="control-plane.internal:9000")["static_resources"]["clusters"]
    assert cluster["cluster_type"]["name"] == "envoy.clusters.dns"


def test_the_node_and_the_limits_are_those_of_the_settings() -> None:
    values = rendered(max_heap_bytes=5, max_connections=7)
    assert values["node"] == {"id": "n", "cluster": "c"}
    limits = [monitor["typed_config"] for monitor in values["overload_manager"]["resource_monitors"]]
    assert limits[0]["max_heap_size_bytes"] == "5"
    assert limits[1]["max_active_downstream_connections"] == "7"


@pytest.mark.parametrize("wrong", [{"xds": "nowhere"}, {"admin": "unix:relative"}])
def test_an_unusable_address_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UnusableAddress):
        rendered(**wrong)
