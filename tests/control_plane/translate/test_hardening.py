"""What the listener makes of requests that mean to be read differently by us and by the application."""

import pytest

from tests.control_plane.translate.edge import Edge
from tests.harness.upstream import Upstream

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("/admin?a=/public/x", "/admin?a=/public/x"),
        ("//admin/x", "/admin/x"),
        ("///admin", "/admin"),
        ("/public/../admin", "/admin"),
        ("/public/%2e%2e/admin", "/admin"),
        ("/public/.%2e/admin", "/admin"),
        ("/public/..;/admin", "/admin"),
        ("/public/..;a=b/admin", "/admin"),
        ("/./admin", "/admin"),
        ("/\\/admin", "/admin"),
        ("/public\\..\\admin", "/admin"),
        ("http://app.example.com/admin", "/admin"),
        ("/admin;x=.css", "/admin;x=.css"),
    ],
)
def test_every_spelling_of_a_path_is_one_path_for_check_and_upstream(
    edge: Edge, app: Upstream, written: str, meant: str
) -> None:
    assert edge.get(written).status == 200
    question = edge.question().attributes
    assert question.request.http.path == meant
    assert question.context_extensions["route_id"] == "admin"
    assert app.last().target == meant


@pytest.mark.parametrize(
    "written",
    [
        "/public%2f..%2fadmin",
        "/public%2F..%2Fadmin",
        "/public%5c..%5cadmin",
        "/public/%2e%2e;/admin",
        "/public/.%2E;x/admin",
        "/public/..%3b/admin",
        "/public#/../admin",
    ],
)
def test_a_path_that_the_application_could_read_otherwise_is_refused(edge: Edge, app: Upstream, written: str) -> None:
    assert edge.get(written).status == 400
    assert edge.asked() == []
    assert app.requests == []


@pytest.mark.parametrize(
    "lines",
    [
        b"GET /admin HTTP/1.1\r\nHost: app.example.com\r\nX_Forwarded_User: a\r\n\r\n",
        b"GET /admin HTTP/1.1\r\nHost: app.example.com\r\nHost: other.example.com\r\n\r\n",
        b"GET /a\tb HTTP/1.1\r\nHost: app.example.com\r\n\r\n",
        b"POST /admin HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /admin HTTP/1.1\r\n\r\n",
        b"GET /admin\xff HTTP/1.1\r\nHost: app.example.com\r\n\r\n",
    ],
)
def test_a_request_that_is_not_well_formed_is_refused(edge: Edge, app: Upstream, lines: bytes) -> None:
    assert edge.send(lines).status == 400
    assert edge.asked() == []
    assert app.requests == []


def test_a_folded_header_is_unfolded(edge: Edge, app: Upstream) -> None:
    edge.send(b"GET /admin HTTP/1.1\r\nHost: app.example.com\r\nX-A: b\r\n x-b: c\r\nConnection: close\r\n\r\n")
    assert app.last().value("x-a") == "b x-b: c"
    assert app.last().value("x-b") is None


@pytest.mark.parametrize(
    "host", ["a;for=1.2.3.4,b.example.com", "a b.example.com", "x@y.example.com", "a/b.example.com"]
)
def test_a_host_that_is_none_is_refused(edge: Edge, app: Upstream, host: str) -> None:
    assert edge.get("/", host=host).status == 400
    assert edge.asked() == []
    assert app.requests == []


@pytest.mark.parametrize("size", [80, 300])
def test_oversized_headers_are_refused(edge: Edge, app: Upstream, size: int) -> None:
    assert edge.get("/admin", f"Cookie: {'a' * size * 1024}").status in (431, None)
    assert app.requests == []


def test_too_many_headers_are_refused(edge: Edge, app: Upstream) -> None:
    assert edge.get("/admin", *(f"x-{n}: y" for n in range(120))).status in (400, 431)
    assert app.requests == []


@pytest.mark.parametrize(
    "host", ["APP.Example.COM", "app.example.com.", "app.example.com:443", "app.example.com.:8443"]
)
def test_every_spelling_of_a_host_leads_to_its_own_routes(edge: Edge, host: str) -> None:
    edge.get("/admin", host=host)
    assert edge.question().attributes.context_extensions["route_id"] == "admin"


def test_a_client_is_not_internal_and_gets_a_new_request_id(edge: Edge, app: Upstream) -> None:
    chosen = "11111111-1111-1111-1111-111111111111"
    edge.get("/admin", f"x-request-id: {chosen}", "x-envoy-internal: true", "x-forwarded-proto: https")
    reached = app.last()
    assert reached.value("x-envoy-internal") is None
    assert reached.value("x-request-id") not in (None, chosen)
    assert reached.value("x-forwarded-proto") == "http"


def test_nobody_is_told_what_software_this_is(edge: Edge) -> None:
    answer = edge.get("/admin")
    assert answer.values("server") == ["ostiary"]
    assert [name for name, _ in answer.headers if name.startswith("x-envoy-")] == []
