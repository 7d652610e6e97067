"""The authorities that routes share: in one secret, and named by those alone that are verified against it."""

from typing import Any

import pytest

from access_model.forwarding import UpstreamTls
from access_model.model import AccessModel, Route
from control_plane.readable import readable
from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import Memory, Places, names, translate
from control_plane.translate.places import DEBIAN_CA_BUNDLE
from tests.control_plane.translate.models import a_model, a_route, a_target

PLACES = Places("unix:///check", "unix:///web", system_authorities="the system's\n")
SHARED = Reference(TypeUrl.SECRET, names.UPSTREAM_AUTHORITIES)


def of_type(model: AccessModel, type_url: TypeUrl) -> dict[str, Resource]:
    return {resource.name: resource for resource in translate(model, PLACES) if resource.type_url is type_url}


def tls_route(scheme: str = "https", **tls: Any) -> Route:
    return a_route("r1", targets=(a_target("app.internal", 443, scheme=scheme),), tls=UpstreamTls(**tls))


def verified_against(route: Route, authorities: str) -> Any:
    resource = of_type(a_model(route, authorities_pem=authorities), TypeUrl.CLUSTER)["route-r1"]
    context = readable(resource)["transport_socket"]["typed_config"]["common_tls_context"]
    shared = context.get("combined_validation_context")
    assert (SHARED in resource.references) == (shared is not None)
    if shared is None:
        return context.get("validation_context", {}).get("trusted_ca")
    assert shared["default_validation_context"]["match_typed_subject_alt_names"][0]["matcher"] == {
        "exact": "app.internal"
    }
    return shared["validation_context_sds_secret_config"]["name"]


def test_the_system_and_the_added_ones_are_trusted() -> None:
    secret = of_type(a_model(tls_route(), authorities_pem="added\n"), TypeUrl.SECRET)[names.UPSTREAM_AUTHORITIES]
    assert readable(secret)["validation_context"] == {"trusted_ca": {"inline_string": "the system's\nadded\n"}}


@pytest.mark.parametrize(
    ("tls", "without", "with_key"),
    [
        ({}, {"filename": DEBIAN_CA_BUNDLE}, names.UPSTREAM_AUTHORITIES),
        ({"ca_pem": "own"}, {"inline_string": "own"}, {"inline_string": "own"}),
        ({"skip_verify": True}, None, None),
        ({"skip_verify": True, "ca_pem": "own"}, None, None),
    ],
)
def test_whom_a_route_believes(tls: dict[str, Any], without: Any, with_key: Any) -> None:
    assert verified_against(tls_route(**tls), "") == without
    assert verified_against(tls_route(**tls), "added\n") == with_key


def test_without_the_key_there_is_no_secret() -> None:
    assert of_type(a_model(tls_route()), TypeUrl.SECRET) == {}


def test_a_plain_upstream_names_no_secret() -> None:
    resource = of_type(a_model(tls_route("http"), authorities_pem="added\n"), TypeUrl.CLUSTER)["route-r1"]
    assert SHARED not in resource.references


def test_another_file_sends_the_secret_alone() -> None:
    memory = Memory()
    before, after = (
        {
            each.reference: each.version
            for each in translate(a_model(tls_route(), authorities_pem=pem), PLACES, "", memory)
        }
        for pem in ("one\n", "two\n")
    )
    assert before.keys() == after.keys()
    assert [each for each in before if before[each] != after[each]] == [SHARED]
