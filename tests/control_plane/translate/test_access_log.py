"""The access log says what was asked, and keeps to itself what must not be written down."""

import pytest

from tests.control_plane.translate.edge import Edge
from tests.harness.upstream import Upstream

pytestmark = pytest.mark.end_to_end


def test_a_line_tells_what_was_asked_what_was_sent_and_what_came_of_it(edge: Edge, app: Upstream) -> None:
    (request_id,) = edge.get("/old/page?token=s3cret", "user-agent: test", "x-envoy-original-path: /lie").values(
        "x-request-id"
    )
    line = edge.access_log(request_id)
    assert line["path"] == "/old/page"
    assert line["sent_path"] == "/new/page"
    assert line["route_id"] == "deep"
    assert (line["method"], line["status"], line["scheme"], line["user_agent"]) == ("GET", 200, "http", "test")
    assert line["upstream"] == f"127.0.0.1:{app.port}"
    assert line["client_address"] == "127.0.0.1"


def test_neither_query_nor_credentials_are_written(edge: Edge) -> None:
    secrets = ["cookie: s3cret-a", "authorization: s3cret-b", "x-pomerium-authorization: s3cret-c"]
    (request_id,) = edge.get("/admin?s3cret-d", *secrets, "referer: http://x/?s3cret-e").values("x-request-id")
    assert "s3cret" not in str(edge.access_log(request_id))


def test_the_log_of_a_refused_path_does_not_believe_the_client(edge: Edge) -> None:
    chosen = "22222222-2222-2222-2222-222222222222"
    edge.get("/a%2Fb?s3cret", f"x-request-id: {chosen}", "x-envoy-original-path: /lie")
    line = edge.access_log(chosen)
    assert line["sent_path"] == "/a/b"
    assert "path" not in line
    assert "/lie" not in str(line)
