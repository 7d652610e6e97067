import pytest

from access_model.model import Route
from access_model.routing import find_route
from extauthz.decide import Question, Refused, RefusedFor, choose_route
from tests.extauthz.decide.policies import a_model, facts

MODEL = a_model()
PUBLIC, STATUS, CSS, PROTECTED, OPEN = MODEL.routes


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/public/x", PUBLIC),
        ("/status", STATUS),
        ("/a.css", CSS),
        ("/a%20b", PROTECTED),
        ("/a;v=1/b", PROTECTED),
        ("/admin", PROTECTED),
    ],
)
def test_a_foreign_mesh_finds_routes_by_host_and_path(path: str, route: Route) -> None:
    assert choose_route(Question(facts(path), None), MODEL) == route


@pytest.mark.parametrize(
    "path",
    ["/%70ublic/x", "/publi%63/x", "/status;x", "/admin;x=.css", "/admin%3bx=.css", "/sta%74us", "/;/public/x.css"],
)
def test_a_path_that_reads_as_another_route_is_refused(path: str) -> None:
    matched = find_route(MODEL, "app.example.com", path)
    assert matched
    for route_id in (None, matched.id):
        chosen = choose_route(Question(facts(path), route_id), MODEL)
        assert isinstance(chosen, Refused)
        assert chosen.kind is RefusedFor.BAD_REQUEST


@pytest.mark.parametrize("path", ["/%2epomerium/user", "/.pomeriu%6d/", "/p%69ng", "/ping"])
def test_no_route_shadows_our_own_endpoints(path: str) -> None:
    chosen = choose_route(Question(facts(path), PROTECTED.id), MODEL)
    assert isinstance(chosen, Refused)
    assert chosen.kind is RefusedFor.BAD_REQUEST


@pytest.mark.parametrize(
    ("route_id", "host", "kind"),
    [
        ("", "app.example.com", RefusedFor.NO_ROUTE),
        ("0123456789abcdef", "app.example.com", RefusedFor.UNAVAILABLE),
        (None, "nobody.example.com", RefusedFor.NO_ROUTE),
        (OPEN.id, "app.example.com", RefusedFor.UNAVAILABLE),
        (PROTECTED.id, "open.example.com", RefusedFor.UNAVAILABLE),
    ],
)
def test_without_a_route_nothing_passes(route_id: str | None, host: str, kind: RefusedFor) -> None:
    chosen = choose_route(Question(facts("/", host), route_id), MODEL)
    assert isinstance(chosen, Refused)
    assert chosen.kind is kind


def test_envoy_s_word_on_the_route_counts() -> None:
    assert choose_route(Question(facts("/anything", "open.example.com"), OPEN.id), MODEL) == OPEN
