"""Logs: one JSON object per line, and no secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from service_kit.logs import configure_logging


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_a_json_object_with_utc_time(stream: io.StringIO) -> None:
    configure_logging("info", stream=stream)
    structlog.get_logger().info("decision", route_id="abc")
    line = json.loads(stream.getvalue())
    assert line["event"] == "decision"
    assert line["route_id"] == "abc"
    assert line["timestamp"].endswith("Z")


def test_below_the_level_nothing_is_said(stream: io.StringIO) -> None:
    configure_logging("warning", stream=stream)
    structlog.get_logger().info("decision")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("key", ["cookie", "access_token", "Authorization", "client_secret"])
def test_values_under_telling_names_are_blanked(stream: io.StringIO, key: str) -> None:
    configure_logging("debug", stream=stream)
    structlog.get_logger().debug("event", **{key: "hunter2"})
    assert "hunter2" not in stream.getvalue()
    assert "[redacted]" in stream.getvalue()


def test_library_loggers_speak_the_same_way(stream: io.StringIO) -> None:
    configure_logging("info", stream=stream)
    logging.getLogger("somewhere").warning("odd: %s", "thing")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["logger"], line["level"]) == ("odd: thing", "somewhere", "warning")


def test_people_get_text(stream: io.StringIO) -> None:
    configure_logging("info", stream=stream, human=True)
    structlog.get_logger().info("ready", url="https://verify.localhost:8443")
    assert "verify.localhost" in stream.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(stream.getvalue())
