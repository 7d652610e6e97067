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
    soon = {"retry_back_off": {"base_interval": "0.500s", "max_interval": "5s"}}
    assert dynamic["ads_config"]["grpc_services"] == [
        {"envoy_grpc": {"cluster_name": "ostiary-xds", "retry_policy": soon}}
    ]
    for source in (dynamic["lds_config"], dynamic["cds_config"]):
        assert source == {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}


def test_an_upstream_that_nobody_asks_for_costs_no_counters() -> None:
    assert rendered()["deferred_stat_options"] == {"enable_deferred_creation_stats": True}


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


def test_with_a_certificate_of_its_own_an_envoy_shows_it_and_verifies_the_server() -> None:
    (cluster,) = rendered(xds="xds.internal:9000", envoy_folder="/etc/ostiary/envoy")["static_resources"]["clusters"]
    tls = cluster["transport_socket"]["typed_config"]
    context = tls["common_tls_context"]
    assert (tls["sni"], context["alpn_protocols"]) == ("xds.internal", ["h2"])
    (shown,) = context["tls_certificate_sds_secret_configs"]
    assert shown["sds_config"]["path_config_source"]["path"] == "/etc/ostiary/envoy/identity.json"
    validation = context["combined_validation_context"]
    assert validation["default_validation_context"]["match_typed_subject_alt_names"] == [
        {"matcher": {"exact": "xds.internal"}, "san_type": "DNS"}
    ]
    trusted = validation["validation_context_sds_secret_config"]["sds_config"]["path_config_source"]["path"]
    assert trusted == "/etc/ostiary/envoy/authorities.json"


def test_an_address_has_no_server_name_and_a_unix_socket_no_tls() -> None:
    (cluster,) = rendered(xds="192.0.2.1:9000", envoy_folder="/e")["static_resources"]["clusters"]
    tls = cluster["transport_socket"]["typed_config"]
    names = tls["common_tls_context"]["combined_validation_context"]["default_validation_context"]
    assert "sni" not in tls
    assert names["match_typed_subject_alt_names"] == [{"matcher": {"exact": "192.0.2.1"}, "san_type": "IP_ADDRESS"}]
    (local,) = rendered(envoy_folder="/e")["static_resources"]["clusters"]
    assert "transport_socket" not in local


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
