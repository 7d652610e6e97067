"""The translation as a whole: sorted, complete, refusing what it cannot express."""

import dataclasses

import pytest

from access_model.model import AccessModel, Certificate, RawFile
from access_model.secret import Secret
from control_plane.raw import RawResourcesInvalid
from control_plane.snapshot import Resource, Snapshot, TypeUrl
from control_plane.translate import Places, translate
from control_plane.translate.addresses import UnusableAddress
from control_plane.translate.own_endpoints import authenticate_endpoints
from control_plane.translate.secrets import NoCertificate
from tests.control_plane.raw.test_resources import LISTENER
from tests.control_plane.translate.models import PLACES, a_listener, a_model, a_route, a_target

CERTIFICATE = Certificate("a chain", Secret.of("a key"))


def by_name(resources: tuple[Resource, ...], type_url: TypeUrl) -> dict[str, Resource]:
    return {resource.name: resource for resource in resources if resource.type_url == type_url}


def test_resources_are_sorted_and_fit_together() -> None:
    resources = translate(a_model(a_route("b"), a_route("a", "other.example.com")), PLACES)
    assert [resource.name for resource in resources] == [
        "ostiary-check",
        "ostiary-watch",
        "ostiary-web",
        "route-a",
        "route-b",
        "ingress",
        "ingress",
        "ingress/app.example.com",
        "ingress/auth.example.com",
        "ingress/other.example.com",
    ]
    Snapshot.build(resources)


def differing(before: AccessModel, after: AccessModel) -> set[tuple[str, str]]:
    """Kind and name of what the change of a model would have sent."""
    resources = set(translate(before, PLACES)) ^ set(translate(after, PLACES))
    return {(resource.type_url.noun, resource.name) for resource in resources}


def test_a_changed_revision_changes_nothing() -> None:
    model = a_model(a_route())
    assert differing(model, dataclasses.replace(model, revision="r2")) == set()


def test_a_changed_target_changes_one_cluster_and_the_host_that_is_asked_for() -> None:
    before, other = a_route("a"), a_route("b", "other.example.com")
    after = a_route("a", targets=(a_target("10.0.0.9"),))
    assert differing(a_model(before, other), a_model(after, other)) == {
        ("cluster", "route-a"),
        ("virtual host", "ingress/app.example.com"),
    }


def test_a_changed_match_changes_one_virtual_host_alone() -> None:
    before, other = a_route("a"), a_route("b", "other.example.com")
    after = a_route("a", prefix="/admin")
    changed = {("virtual host", "ingress/app.example.com")}
    assert differing(a_model(before, other), a_model(after, other)) == changed


def test_a_host_more_is_one_virtual_host_and_one_cluster_more() -> None:
    first, second = a_route("a"), a_route("b", "other.example.com")
    added = {("virtual host", "ingress/other.example.com"), ("cluster", "route-b")}
    assert differing(a_model(first), a_model(first, second)) == added


def test_the_listener_s_own_certificates_come_before_those_of_places() -> None:
    places = dataclasses.replace(PLACES, certificates=(CERTIFICATE,))
    own = Certificate("another chain", Secret.of("another key"))
    for configured, expected in (((), b"a chain"), ((own,), b"another chain")):
        model = a_model(listener=a_listener(insecure=False, certificates=configured))
        (secret,) = by_name(translate(model, places), TypeUrl.SECRET).values()
        assert secret.name == "certificate-0"
        assert expected in secret.body


def test_a_renewed_certificate_changes_its_secret_alone() -> None:
    first, second = (
        translate(a_model(listener=a_listener(insecure=False, certificates=(certificate,))), PLACES)
        for certificate in (CERTIFICATE, Certificate("new", Secret.of("new")))
    )
    assert {resource.name for resource in set(first) ^ set(second)} == {"certificate-0"}


def test_tls_without_a_certificate_is_refused() -> None:
    with pytest.raises(NoCertificate, match=r"`127\.0\.0\.1:8443` has no certificate, so it cannot be served"):
        translate(a_model(listener=a_listener(insecure=False)), PLACES)


def test_a_listener_of_the_operator_cannot_take_the_routes_of_ours() -> None:
    text = LISTENER.replace("route_config_name: own", "route_config_name: ingress")
    model = a_model(a_route(), raw_files=(RawFile("own.yaml", Secret.of(text)),))
    words = "the listener `own` names the route configuration `ingress`, which works behind our own listener alone"
    with pytest.raises(RawResourcesInvalid, match=words):
        translate(model, PLACES)


@pytest.mark.parametrize("address", ["", "host", "host:", ":1", "host:0", "host:65536", "host:x", "unix:relative"])
def test_an_unusable_address_is_refused(address: str) -> None:
    with pytest.raises(UnusableAddress, match="write"):
        translate(a_model(), Places(check=address, web="127.0.0.1:1"))


def test_an_authenticate_host_shared_with_a_route_leaves_it_all_but_the_callback() -> None:
    matches = [route.match for route in authenticate_endpoints(alone=False)]
    assert [match.path or match.prefix for match in matches] == ["/oauth2/callback", "/oauth2/callback/"]
