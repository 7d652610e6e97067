"""`Check` is asked about everything that could reach an application, and told what it needs to know."""

import pytest

from tests.control_plane.translate.edge import DENIED_BODY, DENY, Edge, values
from tests.harness.upstream import Upstream

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize(
    ("host", "target", "route_id"),
    [
        ("app.example.com", "/admin/x", "admin"),
        ("app.example.com", "/public", "public"),
        ("app.example.com", "/123", "numbers"),
        ("app.example.com", "/123x", ""),
        ("app.example.com", "/robots.txt", ""),
        ("other.example.com", "/admin", "wild"),
        ("a.b.example.com", "/", "wild"),
        ("preserve.example.com", "/", "preserving"),
        ("example.com", "/", ""),
        ("unknown.test", "/admin", ""),
        ("app.example.com.evil.test", "/admin", ""),
        ("[::1]:8443", "/", ""),
    ],
)
def test_check_learns_the_route(edge: Edge, host: str, target: str, route_id: str) -> None:
    edge.get(target, host=host)
    assert dict(edge.question().attributes.context_extensions) == {"route_id": route_id}


def test_what_no_route_covers_is_not_found_whatever_check_says(edge: Edge, app: Upstream) -> None:
    assert edge.get("/nothing").status == 404
    assert app.requests == []


def test_a_denied_request_reaches_nobody_and_the_page_of_check_stays_as_it_is(edge: Edge, app: Upstream) -> None:
    answer = edge.get("/admin", f"{DENY}: 1", "accept: text/html")
    assert (answer.status, answer.body.decode()) == (403, DENIED_BODY)
    assert answer.values("x-pomerium-intercepted-response") == []
    assert app.requests == []


def test_check_sees_every_value_of_a_repeated_header_and_bytes_that_are_not_utf8(edge: Edge) -> None:
    edge.get("/admin", "x-role: a", "x-role: b", "x-name: caf\xe9", "cookie: a=1", "cookie: b=2")
    question = edge.question()
    assert values(question, "x-role") in (["a", "b"], ["a,b"])
    assert values(question, "x-name") == ["caf\xe9"]
    assert "; ".join(values(question, "cookie")) == "a=1; b=2"


@pytest.mark.parametrize(
    "target",
    ["/.pomerium", "/.pomerium/user", "/.well-known/pomerium", "/.well-known/pomerium/jwks.json", "/ping", "/healthz"],
)
@pytest.mark.parametrize("host", ["app.example.com", "other.example.com", "unknown.test"])
def test_our_own_endpoints_are_answered_by_us_on_every_host(edge: Edge, web: Upstream, host: str, target: str) -> None:
    assert edge.get(target, host=host).status == 200
    assert (web.last().target, web.last().value("host")) == (target, host)
    assert edge.asked() == []


@pytest.mark.parametrize("written", ["//.well-known/pomerium/jwks.json", "/x/../.well-known//pomerium/jwks.json"])
def test_other_spellings_of_our_own_endpoints_are_ours_as_well(edge: Edge, web: Upstream, written: str) -> None:
    edge.get(written)
    assert web.last().target == "/.well-known/pomerium/jwks.json"


@pytest.mark.parametrize("target", ["/", "/oauth2/callback?code=1", "/robots.txt", "/whatever"])
def test_the_whole_authenticate_host_is_ours(edge: Edge, web: Upstream, target: str) -> None:
    assert edge.get(target, host="auth.example.com").status == 200
    assert web.last().target == target
    assert edge.asked() == []


@pytest.mark.parametrize("target", ["/pingx", "/.pomeriumx", "/.well-known/pomeriumx", "/PING", "/.well-known/acme"])
def test_what_only_resembles_our_own_endpoints_is_asked_about(edge: Edge, web: Upstream, target: str) -> None:
    edge.get(target, host="other.example.com")
    assert edge.question().attributes.context_extensions["route_id"] == "wild"
    assert web.requests == []
