"""Virtual hosts of their own, put into their route configuration: the same routes in one piece."""

from envoy.config.route.v3.route_pb2 import RouteConfiguration

from control_plane.ads import Publisher
from control_plane.inlining import inlined
from control_plane.snapshot import Reference, Snapshot, TypeUrl
from control_plane.translate import translate
from control_plane.xds import Node, Variant
from tests.control_plane.ads.messages import answering, discovering, host, listener
from tests.control_plane.translate.models import PLACES, a_model, a_route

APART = Snapshot.build(translate(a_model(a_route("a"), a_route("b", "*.example.com")), PLACES))


def whole(snapshot: Snapshot) -> RouteConfiguration:
    return RouteConfiguration.FromString(snapshot.of_type(TypeUrl.ROUTE).by_name["ingress"].body)


def test_every_host_is_in_the_route_configuration_and_none_beside_it() -> None:
    served = inlined(APART)
    assert TypeUrl.VIRTUAL_HOST not in served.by_type
    assert not whole(served).HasField("vhds")
    domains = [domain for each in whole(served).virtual_hosts for domain in each.domains]
    assert domains[-3:] == ["*.example.com", "app.example.com", "auth.example.com"]


def test_it_names_the_clusters_that_its_hosts_name() -> None:
    (routes,) = inlined(APART).of_type(TypeUrl.ROUTE).by_name.values()
    named = {Reference(TypeUrl.CLUSTER, name) for name in ("ostiary-web", "route-a", "route-b")}
    assert routes.references == named


def test_everything_else_stays_as_it_is() -> None:
    before, after = APART, inlined(APART)
    for type_url in before.by_type.keys() - {TypeUrl.ROUTE, TypeUrl.VIRTUAL_HOST}:
        assert after.of_type(type_url) == before.of_type(type_url)


def test_hosts_go_to_their_own_route_configuration_and_to_none_that_has_its_own() -> None:
    snapshot = Snapshot.build([discovering("one"), answering("two", "x"), host("one", "a.test", "a")])
    routes = inlined(snapshot).of_type(TypeUrl.ROUTE).by_name
    assert [each.name for each in RouteConfiguration.FromString(routes["one"].body).virtual_hosts] == ["one/a.test"]
    assert routes["two"] == answering("two", "x")


def test_a_snapshot_without_hosts_of_their_own_is_served_as_it_is() -> None:
    snapshot = Snapshot.build([answering("main", "x")])
    assert inlined(snapshot) is snapshot


def test_the_publisher_serves_each_form_of_the_protocol_what_it_can_take_and_the_same_object_until_the_next() -> None:
    publisher, node = Publisher(), Node("n")
    publisher.publish(APART)
    assert publisher.snapshot_for(node, Variant.DELTA) is APART
    first = publisher.snapshot_for(node, Variant.SOTW)
    assert first == inlined(APART)
    publisher.publish(APART)
    assert publisher.snapshot_for(node, Variant.SOTW) is first
    publisher.publish(Snapshot.build([listener("edge", 1, "main"), answering("main", "x")]))
    assert publisher.snapshot_for(node, Variant.SOTW) is publisher.snapshot_for(node, Variant.DELTA)
