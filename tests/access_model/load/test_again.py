"""A file that is read again costs what changed in it; what comes out is what a first reading would have made of it."""

import gc
from collections.abc import Mapping
from pathlib import Path as FilePath

import pytest

from access_model.load import NOTHING_READ, ConfigurationInvalid, Loaded, load, piecewise
from access_model.load.marks import Path
from access_model.load.piecewise import Piecewise
from access_model.load.problems import Report
from access_model.load.routes import Defaults, route_of
from access_model.model import Route
from access_model.schema import RouteKeys
from tests.harness.certificates import make_certificate

ENVIRONMENT = {"NAME": "Ann"}
FIRST = """\
address: 127.0.0.1:8443
pass_identity_headers: false
routes:
  - from: https://a.example.com
    to: http://10.0.0.1
    allow_public_unauthenticated_access: true
  - from: https://b.example.com
    to: http://10.0.0.2
    allow_public_unauthenticated_access: true
    description: ${NAME}
  - from: https://c.example.com
    to: https://10.0.0.3
    allow_public_unauthenticated_access: true
    tls_custom_ca_file: ca.pem
"""
SECOND_ROUTE = "  - from: https://b.example.com\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_certificate(tmp_path_factory.mktemp("authority"), ["app.example.com"]).authority.read_bytes()


def file_of(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise FileNotFoundError(2, "No such file or directory", name)
    return files[name]


def again(text: str, before: Loaded, authority: bytes, environment: Mapping[str, str] | None = None) -> Loaded:
    return load(
        text,
        source="f.yaml",
        environment=ENVIRONMENT if environment is None else environment,
        read_file=lambda name: file_of({"ca.pem": authority}, name),
        memory=before.memory,
    )


@pytest.fixture
def first(authority: bytes) -> Loaded:
    return load(
        FIRST,
        source="f.yaml",
        environment=ENVIRONMENT,
        read_file=lambda name: file_of({"ca.pem": authority}, name),
        memory=NOTHING_READ,
    )


@pytest.mark.parametrize(
    "text",
    [
        FIRST,
        "# above\n" + FIRST,
        FIRST.replace(SECOND_ROUTE, f"\n  # of its own\n{SECOND_ROUTE}"),
        FIRST.replace("10.0.0.2", "10.0.0.9"),
        f"log_level: debug\n{FIRST}",
        FIRST.replace("description: ${NAME}", "description: &name x").replace("ca.pem\n", "ca.pem\n    name: *name\n"),
        FIRST.replace("routes:", '"routes":'),
    ],
    ids=["same", "comment-above", "comment-between", "one-altered", "global", "anchor", "quoted-key"],
)
def test_a_route_that_is_as_it_was_is_the_same_object(text: str, first: Loaded, authority: bytes) -> None:
    assert again(text, first, authority).model.routes[0] is first.model.routes[0]


def test_a_route_that_moved_is_the_same_object_in_another_line(first: Loaded, authority: bytes) -> None:
    moved = again(FIRST.replace(SECOND_ROUTE, f"\n# two\n# lines\n{SECOND_ROUTE}"), first, authority).model
    assert all(route is before for route, before in zip(moved.routes, first.model.routes, strict=True))
    assert [first.model.source_of(route) for route in first.model.routes] == ["f.yaml:4", "f.yaml:7", "f.yaml:11"]
    assert [moved.source_of(route) for route in moved.routes] == ["f.yaml:4", "f.yaml:10", "f.yaml:14"]
    assert moved == first.model


def test_only_what_changed_is_read(first: Loaded, authority: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def noting(path: Path, keys: RouteKeys, defaults: Defaults, report: Report) -> Route | None:
        read.append(keys.from_)
        return route_of(path, keys, defaults, report)

    monkeypatch.setattr(piecewise, "route_of", noting)
    altered = again("# above\n" + FIRST.replace("10.0.0.2", "10.0.0.9"), first, authority)
    assert read == ["https://b.example.com"]
    again(FIRST.replace("10.0.0.2", "10.0.0.9"), altered, authority)
    assert read == ["https://b.example.com"]


def test_a_route_is_read_again_when_something_else_that_it_depends_on_changes(
    first: Loaded, authority: bytes, tmp_path: FilePath
) -> None:
    other = make_certificate(tmp_path, ["other.example.com"]).authority.read_bytes()
    environment = again(FIRST, first, authority, {**ENVIRONMENT, "NAME": "Bob"}).model
    assert [route.description for route in environment.routes] == ["", "Bob", ""]
    defaults = again(FIRST.replace("headers: false", "headers: true"), first, authority).model
    assert all(route.pass_identity_headers for route in defaults.routes)
    assert again(FIRST, first, other).model.routes[2].tls.ca_pem == other.decode().strip() + "\n"
    with pytest.raises(ConfigurationInvalid, match=r"f.yaml:14: routes\[2\].tls_custom_ca_file: the file `absent.pem`"):
        again(FIRST.replace("ca.pem", "absent.pem"), first, authority)


def test_warnings_follow_the_routes(first: Loaded, authority: bytes) -> None:
    """Those of single routes and those that need the whole file, with the place where the route is now."""
    text = FIRST.replace(SECOND_ROUTE, "  # here\n" + SECOND_ROUTE.replace("b.", "a.")).replace(
        "    description", "    prefix: /ping\n    timeout: 3s\n    redirect: {port_redirect: 1}\n    description"
    )
    text = text.replace("    to: http://10.0.0.2\n", "")
    warnings = again(f"\n{text}", again(text, first, authority), authority).warnings
    assert [(each.path, each.line) for each in warnings] == [
        ("routes[1].timeout", 12),
        ("routes[1]", 9),
        ("routes[1].prefix", 11),
    ]


def test_a_reading_leaves_nothing_but_what_it_used(first: Loaded, authority: bytes) -> None:
    """Memory of memory would grow for ever, and with it what the collector looks through."""
    before, loaded = _readings(), first
    for number in range(5):
        loaded = again(FIRST.replace("10.0.0.2", f"10.0.1.{number}"), loaded, authority)
    assert len(loaded.memory.pieces) == len(loaded.memory.routes) == 3
    assert _readings() == before


def _readings() -> int:
    """How many are there still, garbage included: one that leads to itself would be, and hold the whole file."""
    return sum(isinstance(each, Piecewise | Report) for each in gc.get_objects())
