"""A marked listener asks `Check` on every way that a request can take; what cannot be protected is refused."""

from typing import Any

import pytest
import yaml

from control_plane.raw import RawResourcesInvalid
from control_plane.raw.protection import PUBLISHED
from control_plane.readable import readable
from control_plane.snapshot import Reference, TypeUrl
from control_plane.translate import names
from tests.control_plane.raw.test_resources import resources

HCM = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
ROUTER = {
    "name": "router",
    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
}
TCP = {
    "name": "tcp",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
        "stat_prefix": "tcp",
    },
}
MARK = {"filter_metadata": {"ostiary": {"protect": True}, "mine": {"kept": True}}}


def manager(*filters: Any, **fields: Any) -> dict[str, Any]:
    config = {"@type": HCM, "stat_prefix": "own", "http_filters": [*filters, ROUTER], **fields}
    return {"name": "http", "typed_config": config}


def listener(*chains: Any, metadata: Any = MARK, **fields: Any) -> str:
    return yaml.safe_dump(
        {"listeners": [{"name": "own", "metadata": metadata, "filter_chains": list(chains), **fields}]}
    )


def made(text: str) -> dict[str, Any]:
    return readable(resources(text)[Reference(TypeUrl.LISTENER, "own")])


def filters(chain: dict[str, Any]) -> list[str]:
    return [each["name"] for each in chain["filters"][-1]["typed_config"]["http_filters"]]


def objection(text: str) -> str:
    with pytest.raises(RawResourcesInvalid) as invalid:
        resources(text)
    (problem,) = invalid.value.problems
    return problem


def test_the_filter_is_the_one_that_is_published() -> None:
    assert PUBLISHED == names.EXT_AUTHZ_FILTER


def test_check_is_asked_first_in_every_filter_chain() -> None:
    lua = {"name": "lua", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"}}
    both = made(
        listener(
            {"filters": [TCP, manager(lua)]}, {"filters": [manager()]}, default_filter_chain={"filters": [manager()]}
        )
    )
    assert [filters(chain) for chain in both["filter_chains"]] == [[PUBLISHED, "lua", "router"], [PUBLISHED, "router"]]
    assert filters(both["default_filter_chain"]) == [PUBLISHED, "router"]
    assert both["metadata"] == {"filter_metadata": {"mine": {"kept": True}}}


def test_what_becomes_of_a_connection_after_an_upgrade_is_no_way_around() -> None:
    upgrades = [{"upgrade_type": "websocket", "filters": [ROUTER]}, {"upgrade_type": "CONNECT"}]
    (chain,) = made(listener({"filters": [manager(upgrade_configs=upgrades)]}))["filter_chains"]
    websocket, connect = chain["filters"][0]["typed_config"]["upgrade_configs"]
    assert [each["name"] for each in websocket["filters"]] == [PUBLISHED, "router"]
    assert "filters" not in connect, "it has the usual ones"


def test_the_filter_that_it_needs_is_among_its_references() -> None:
    resource = resources(listener({"filters": [manager()]}))[Reference(TypeUrl.LISTENER, "own")]
    assert Reference(TypeUrl.EXTENSION_CONFIG, PUBLISHED) in resource.references


def test_an_unmarked_listener_stays_as_it_is() -> None:
    (chain,) = made(listener({"filters": [manager()]}, metadata={}))["filter_chains"]
    assert filters(chain) == ["router"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (listener(), "no filter chain"),
        (listener({"filters": [manager()]}, fcds_config={"name": "elsewhere"}), "with `fcds_config` requests come in"),
        (listener({"filters": [manager()]}, api_listener={}), "with `api_listener` requests come in"),
        (listener({"filters": [TCP]}), "filter chain 0 does not end in an HTTP connection manager"),
        (listener({"filters": [manager()]}, {"filters": [TCP]}), "filter chain 1 does not end"),
        (listener({"filters": []}), "filter chain 0 does not end"),
        (listener({"filters": [manager({"name": PUBLISHED, "disabled": True})]}), "already"),
    ],
)
def test_a_listener_that_cannot_be_protected_as_a_whole_is_refused(text: str, words: str) -> None:
    assert words in objection(text)


@pytest.mark.parametrize("wanted", [{"protect": False}, {"protect": "yes"}, {}, {"protct": True}, {"protect": 1}])
def test_a_mark_that_says_something_else_is_refused(wanted: dict[str, Any]) -> None:
    text = listener({"filters": [manager()]}, metadata={"filter_metadata": {"ostiary": wanted}})
    assert "is written `{protect: true}`" in objection(text)


def test_a_policy_has_its_place_elsewhere() -> None:
    wanted = {"protect": True, "policy": [{"allow": {"or": [{"accept": True}]}}]}
    text = listener({"filters": [manager()]}, metadata={"filter_metadata": {"ostiary": wanted}})
    assert "leave `policy` out" in objection(text)


def test_a_mark_elsewhere_is_refused_rather_than_ignored() -> None:
    route = {"match": {"prefix": "/"}, "route": {"cluster": "c"}, "metadata": MARK}
    config = {"name": "r", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]}
    assert "only a listener can be marked" in objection(yaml.safe_dump({"routes": [config]}))
    inline = listener({"filters": [manager(route_config=config)]})
    assert "only a listener can be marked" in objection(inline)
