"""Nothing that a client sends chooses the virtual host but its path and its host."""

import pytest

from control_plane.translate.host_choice import AMBIGUOUS_PATH, HEADER, OWN_ENDPOINTS
from tests.control_plane.translate.edge import Edge
from tests.harness.raw_http import get_raw
from tests.harness.upstream import Upstream

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize("value", [OWN_ENDPOINTS, AMBIGUOUS_PATH, "other.example.com", "unknown.test", ""])
@pytest.mark.parametrize("name", [HEADER, HEADER.upper()])
def test_the_header_of_a_client_counts_for_nothing_and_reaches_nobody(
    edge: Edge, app: Upstream, name: str, value: str
) -> None:
    assert edge.get("/admin", f"{name}: {value}", f"{name}: unknown.test").status == 200
    assert edge.question().attributes.context_extensions["route_id"] == "admin"
    assert app.last().values(HEADER) == []


def test_the_header_that_was_set_reaches_neither_our_own_endpoints_nor_an_application(
    edge: Edge, app: Upstream, web: Upstream
) -> None:
    edge.get("/admin")
    edge.get("/.pomerium/user")
    assert app.last().values(HEADER) == []
    assert web.last().values(HEADER) == []


@pytest.mark.parametrize("host", [OWN_ENDPOINTS, AMBIGUOUS_PATH])
@pytest.mark.parametrize("target", ["/admin", "/.pomerium/user", "/ping"])
def test_who_names_a_virtual_host_of_ours_as_his_host_is_refused(
    edge: Edge, app: Upstream, web: Upstream, host: str, target: str
) -> None:
    assert edge.send(get_raw(host, target)).status in {400, 404}
    assert app.requests == []
    assert web.requests == []


@pytest.mark.parametrize("host", ["a.example.com,b", "app.example.com,other.example.com", "a b.example.com"])
def test_a_malformed_host_does_not_reach_our_own_endpoints(edge: Edge, web: Upstream, host: str) -> None:
    assert edge.get("/.pomerium/user", host=host).status == 400
    assert web.requests == []


@pytest.mark.parametrize("target", ["/a;b", "/admin;x=.css", "/x%3By", "/.x;y"])
def test_a_parameter_alone_is_not_refused(edge: Edge, target: str) -> None:
    edge.get(target, host="other.example.com")
    assert edge.question().attributes.context_extensions["route_id"] == "wild"


@pytest.mark.parametrize(
    "segment",
    # What Envoy resolves itself, `.;` and `..;`, never gets this far.
    [f"{dots}{mark}" for dots in ("%2e", "%2E.", ".%2e", "%2e%2E") for mark in (";", "%3b", "%3B")] + [".%3b", "..%3B"],
)
@pytest.mark.parametrize("host", ["app.example.com", "other.example.com", "unknown.test"])
def test_a_dot_segment_with_a_parameter_is_refused_on_every_host(
    edge: Edge, app: Upstream, host: str, segment: str
) -> None:
    assert edge.get(f"/public/{segment}x/admin", host=host).status == 400
    assert (edge.asked(), app.requests) == ([], [])
