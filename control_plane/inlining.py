"""Virtual hosts within their route configuration, for clients that do not discover them one by one.

VHDS exists in the Delta form of the protocol alone, and only Envoy speaks it. A client that speaks state of the world,
and an Envoy on a static configuration, get the same routes in one piece.
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/vhds
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from envoy.config.route.v3.route_components_pb2 import VirtualHost
from envoy.config.route.v3.route_pb2 import RouteConfiguration

from control_plane.snapshot import Resource, Snapshot, TypeUrl


def inlined(snapshot: Snapshot) -> Snapshot:
    """The snapshot without virtual hosts of their own; itself if it has none."""
    if TypeUrl.VIRTUAL_HOST not in snapshot.by_type:
        return snapshot
    return Snapshot.build(inlined_resources(snapshot))


def inlined_resources(resources: Iterable[Resource]) -> Iterator[Resource]:
    """The resources, those route configurations completed that name the control plane as the source of their hosts."""
    given = list(resources)
    hosts = [resource for resource in given if resource.type_url == TypeUrl.VIRTUAL_HOST]
    by_route = {name: tuple(of_route) for name, of_route in groupby(sorted(hosts, key=_name), _route_configuration)}
    for resource in given:
        if resource.type_url == TypeUrl.ROUTE:
            yield _completed(resource, by_route.get(resource.name, ()))
        elif resource.type_url != TypeUrl.VIRTUAL_HOST:
            yield resource


def _completed(resource: Resource, hosts: tuple[Resource, ...]) -> Resource:
    message = RouteConfiguration.FromString(resource.body)
    if not message.vhds.config_source.HasField("ads"):
        return resource
    message.ClearField("vhds")
    message.virtual_hosts.extend(VirtualHost.FromString(host.body) for host in hosts)
    references = resource.references.union(*(host.references for host in hosts))
    return Resource(resource.name, TypeUrl.ROUTE, message.SerializeToString(deterministic=True), references)


def _name(resource: Resource) -> str:
    return resource.name


def _route_configuration(host: Resource) -> str:
    """The name of a virtual host begins with that of its route configuration."""
    return host.name.rpartition("/")[0]
