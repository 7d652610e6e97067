"""Which streams are closed in the end, so that Envoy asks about them again."""

from datetime import timedelta
from typing import Any

import pytest

from access_model.model import PathMatch
from control_plane.translate.routes import Times, route_entry
from tests.control_plane.translate.models import a_route

TIMES = Times(default=timedelta(seconds=30), recheck=timedelta(minutes=15))
NONE = timedelta(0)


@pytest.mark.parametrize(
    ("route", "limited"),
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
def test_a_stream_without_time_limit_is_closed_where_one_signs_in(route: dict[str, Any], limited: bool) -> None:
    action = route_entry(a_route(**route), TIMES).route
    assert action.HasField("max_stream_duration") == limited
    if limited:
        assert action.max_stream_duration.max_stream_duration.ToTimedelta() == TIMES.recheck


def test_without_a_limit_streams_last_as_long_as_both_sides_want() -> None:
    action = route_entry(a_route(upgrades=("websocket",)), Times(default=NONE)).route
    assert not action.HasField("max_stream_duration")
