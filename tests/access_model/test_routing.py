"""Which route answers: a table of requests against one set of routes."""

import pytest

from access_model.routing import find_route, routes_by_host
from tests.access_model.reading import SIGN_IN, read


def route(name: str, host: str, match: str = "") -> str:
    public = "to: 'http://10.0.0.1', allow_public_unauthenticated_access: true"
    return f"  - {{name: {name}, from: 'https://{host}', {public}{match and ', ' + match}}}\n"


TUNNEL = "from: 'tcp+https://tunnel.example.com:22', to: 'tcp://10.0.0.1:22', allow_public_unauthenticated_access: true"
MODEL = read(
    SIGN_IN
    + "routes:\n"
    + route("wild", "*.example.com")
    + route("exact-admin", "app.example.com", "prefix: /admin")
    + route("exact-path", "app.example.com", "path: /exact")
    + route("exact-regex", "app.example.com", "regex: '/v[0-9]+/.*'")
    + route("deep", "*.deep.example.com")
    + route("first", "order.example.com", "prefix: /a")
    + route("second", "order.example.com", "prefix: /a/b")
    + route("last", "order.example.com")
    + f"  - {{{TUNNEL}}}\n"
    + route("any-path", "any.example.com", "regex: '.*'")
    + route("encoded", "raw.example.com", "prefix: /a%2Fb")
).model

CASES = [
    ("app.example.com", "/admin", "exact-admin"),
    ("app.example.com", "/admin/x", "exact-admin"),
    ("app.example.com", "/administrator", "exact-admin"),
    ("app.example.com", "/Admin", None),
    ("app.example.com", "/exact", "exact-path"),
    ("app.example.com", "/exact/", None),
    ("app.example.com", "/v1/x", "exact-regex"),
    ("app.example.com", "/x/v1/x", None),
    ("app.example.com", "/v1/x\n", None),
    ("app.example.com", "/v\u0661/x", None),
    ("app.example.com", "/other", None),
    ("other.example.com", "/", "wild"),
    ("a.b.example.com", "/x", "wild"),
    ("authenticate.example.com", "/", None),
    ("example.com", "/", None),
    ("evil-example.com", "/", None),
    ("x.deep.example.com", "/", "deep"),
    ("deep.example.com", "/", "wild"),
    ("order.example.com", "/a/b", "first"),
    ("order.example.com", "/b", "last"),
    ("raw.example.com", "/a%2Fb/c", "encoded"),
    ("raw.example.com", "/a/b/c", None),
    ("app.example.com.evil.org", "/admin", None),
    ("", "/", None),
    ("tunnel.example.com", "/", None),
    ("tunnel.example.com", "", None),
    ("any.example.com", "", None),
    ("any.example.com", "/x", "any-path"),
    ("app.example.com", "", None),
    ("app.example.com", "/v1/\udcff", None),
]


@pytest.mark.parametrize(("host", "path", "name"), CASES)
def test_find_route(host: str, path: str, name: str | None) -> None:
    found = find_route(MODEL, host, path)
    assert (found.name if found else None) == name


def test_a_host_without_a_fitting_route_does_not_fall_back_to_a_wildcard() -> None:
    assert find_route(MODEL, "app.example.com", "/nothing-here") is None
    assert find_route(MODEL, "x.example.com", "/nothing-here") is not None


def test_routes_by_host_are_sorted_by_host_and_keep_file_order() -> None:
    grouped = {host: [each.name for each in routes] for host, routes in routes_by_host(MODEL).items()}
    assert list(grouped) == sorted(grouped)
    assert grouped["app.example.com"] == ["exact-admin", "exact-path", "exact-regex"]
    assert grouped["order.example.com"] == ["first", "second", "last"]
    assert sum(map(len, grouped.values())) == len(MODEL.routes)


def test_an_expression_that_would_explode_elsewhere_takes_linear_time() -> None:
    model = read(SIGN_IN + "routes:\n" + route("slow", "app.example.com", "regex: '/(a+)+'")).model
    assert find_route(model, "app.example.com", "/" + "a" * 50_000 + "!") is None
    assert find_route(model, "app.example.com", "/" + "a" * 50_000) is not None


def test_hosts_that_are_served() -> None:
    for host in ("app.example.com", "any.example.com", "a.b.deep.example.com", "authenticate.example.com"):
        assert MODEL.serves_host(host)
    for host in ("example.com", "evil-example.com", "app.example.com.evil.org", "", "localhost"):
        assert not MODEL.serves_host(host)


def test_routes_by_id() -> None:
    assert all(MODEL.route_by_id(each.id) is each for each in MODEL.routes)
    assert MODEL.route_by_id("") is None
