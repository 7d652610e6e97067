"""Which streams are watched over, so that they end with the session that opened them."""

from datetime import timedelta
from typing import Any

import pytest

from access_model.model import PathMatch
from control_plane.translate import names
from control_plane.translate.routes import route_entry
from tests.control_plane.translate.models import a_route

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
