"""Which streams are watched over, so that they end with the session that opened them."""

from datetime import timedelta
from typing import Any

import pytest

from access_model.model import PathMatch
from control_plane.readable import readable
from control_plane.snapshot import Reference, TypeUrl
from control_plane.translate import names, translate
from control_plane.translate.routes import route_entry
from tests.control_plane.translate.models import PLACES, a_model, a_route

NONE = timedelta(0)
DEFAULT = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("route", "watched"),
    [
        ({}, False),  # it has a time limit
        ({"timeout": NONE}, True),
        ({"timeout": timedelta(hours=1)}, False),
        ({"upgrades": ("websocket",)}, True),
        ({"upgrades": ("websocket",), "timeout": timedelta(hours=1)}, False),
        ({"match": PathMatch("connect", "db.example.com:5432")}, True),
        ({"upgrades": ("websocket",), "public": True}, False),
    ],
)
def test_a_stream_without_time_limit_is_watched_where_one_signs_in(route: dict[str, Any], watched: bool) -> None:
    entry = route_entry(a_route(**route), DEFAULT, watching=True)
    assert (names.STREAM_WATCH_FILTER in entry.typed_per_filter_config) == watched


def test_nothing_is_watched_where_the_operator_does_not_want_it() -> None:
    entry = route_entry(a_route(upgrades=("websocket",)), DEFAULT, watching=False)
    assert names.STREAM_WATCH_FILTER not in entry.typed_per_filter_config


def test_streams_that_somebody_keeps_open_take_no_place_from_requests_of_others() -> None:
    """Envoy limits what is under way per cluster; each of the two has its own, with the same service behind it."""
    made = {resource.reference: readable(resource) for resource in translate(a_model(a_route()), PLACES)}
    check, watch = (made[Reference(TypeUrl.CLUSTER, name)] for name in (names.CHECK_CLUSTER, names.WATCH_CLUSTER))
    assert {**watch, "name": check["name"], "load_assignment": check["load_assignment"]} == check
    manager = made[Reference(TypeUrl.LISTENER, names.LISTENER)]["filter_chains"][0]["filters"][0]["typed_config"]
    asked_by = {
        each["name"]: each["typed_config"]["grpc_service"]["envoy_grpc"]["cluster_name"]
        for each in manager["http_filters"]
        if "grpc_service" in each["typed_config"]
    }
    assert asked_by == {
        names.EXT_AUTHZ_FILTER: names.CHECK_CLUSTER,
        names.STREAM_WATCH_FILTER: names.WATCH_CLUSTER,
    }
