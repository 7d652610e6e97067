"""What reaches the upstream: path, host, and what the response gets."""

import pytest

from tests.control_plane.translate.edge import Edge
from tests.harness.upstream import Upstream

pytestmark = pytest.mark.end_to_end


def test_the_upstream_sees_its_own_host_and_is_told_the_original(edge: Edge, app: Upstream) -> None:
    edge.get("/admin", "x-forwarded-host: evil.example.com", host="App.example.com:8443")
    assert app.last().value("host") == f"127.0.0.1:{app.port}"
    assert app.last().value("x-forwarded-host") == "App.example.com:8443"


def test_a_route_can_preserve_the_host(edge: Edge, app: Upstream) -> None:
    edge.get("/", host="preserve.example.com:8443")
    assert app.last().value("host") == "preserve.example.com:8443"


def test_a_target_s_path_replaces_the_prefix(edge: Edge, app: Upstream) -> None:
    edge.get("/old/page?a=1")
    assert app.last().target == "/new/page?a=1"
    assert app.last().value("x-envoy-original-path") is None


def test_configured_response_headers_are_added_where_the_response_has_none(edge: Edge) -> None:
    answer = edge.get("/admin")
    assert answer.values("x-frame-options") == ["SAMEORIGIN"]
    assert answer.values("content-type") == ["application/json"]


def test_cookies_and_bodies_reach_the_upstream_byte_for_byte(edge: Edge, app: Upstream) -> None:
    edge.send(
        b'POST /admin HTTP/1.1\r\nHost: app.example.com\r\nCookie: a="x y"; b=%20\r\nContent-Length: 3\r\n'
        b"Connection: close\r\n\r\n\x00\xff\n"
    )
    assert app.last().value("cookie") == 'a="x y"; b=%20'
    assert app.last().body == "\x00\xff\n".encode("latin-1")
