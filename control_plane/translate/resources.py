"""The access model as a sorted list of xDS resources."""

from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter

from access_model.model import AccessModel
from control_plane.raw import RawResourcesInvalid, raw_resources
from control_plane.snapshot import Reference, Resource, TypeUrl
from control_plane.translate import names
from control_plane.translate.clusters import route_clusters
from control_plane.translate.listener import ingress_listener
from control_plane.translate.memory import Memory
from control_plane.translate.own_clusters import own_clusters
from control_plane.translate.places import Places
from control_plane.translate.published_filters import published_filters
from control_plane.translate.quic_listener import quic_listeners
from control_plane.translate.redirect_listener import redirect_listeners
from control_plane.translate.route_configuration import route_configuration
from control_plane.translate.secrets import (
    certificate_secrets,
    client_authorities,
    client_certificate_secrets,
    upstream_authorities,
)
from control_plane.translate.virtual_hosts import virtual_hosts


def translate(
    model: AccessModel, places: Places, group: str = "", memory: Memory | None = None
) -> tuple[Resource, ...]:
    """Translate everything the operator wrote, sorted by type and name: equal input gives equal bytes.

    Of the operator's own resources, those for all Envoys and those for `group` are part of it. A `memory` of an earlier
    translation makes it faster and nothing else. Raises NoCertificate when the listener speaks TLS and neither `model`
    nor `places` has a certificate, UnusableAddress when an address of `places` cannot be read, and RawResourcesInvalid
    when the operator's own resources cannot be served.
    """
    memory = memory or Memory()
    ours = tuple(_ours(model, places, memory))
    memory.turn()
    files = [file for file in model.raw_files if file.group in ("", group)]
    every = (*ours, *(_checked(raw_resources(files, ours)) if files else ()))
    return tuple(sorted(sorted(every, key=attrgetter("name")), key=attrgetter("type_url")))


def _checked(raw: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Raises RawResourcesInvalid if one names our routes: their hosts are chosen by what our listener sets."""
    ours = Reference(TypeUrl.ROUTE, names.ROUTE_CONFIGURATION)
    if users := sorted(str(resource.reference) for resource in raw if ours in resource.references):
        raise RawResourcesInvalid(
            f"the {user} names the {ours}, which works behind our own listener alone; give it `routes` of its own"
            for user in users
        )
    return raw


def groups(model: AccessModel) -> tuple[str, ...]:
    """Groups of Envoys that get more than the others, sorted."""
    return tuple(sorted({file.group for file in model.raw_files} - {""}))


def _beside_routes(model: AccessModel, places: Places) -> tuple[object, ...]:
    """All that the listener may be made of. Of the routes, that is the names of their claim headers alone."""
    own = (getattr(model, each.name) for each in fields(model) if each.name not in {"routes", "index", "revision"})
    return (places, model.index.claim_headers, *own)


def _ours(model: AccessModel, places: Places, memory: Memory) -> Iterator[Resource]:
    yield memory.once.recall(lambda *_: ingress_listener(model, places), names.LISTENER, *_beside_routes(model, places))
    yield from redirect_listeners(model, places)
    yield from quic_listeners(model, places)
    yield route_configuration(model)
    yield from virtual_hosts(model, memory)
    yield from own_clusters(places, memory)
    yield from route_clusters(model.routes, None if model.authorities_pem else places.ca_bundle, memory)
    yield from certificate_secrets(model.listener, places)
    yield from client_authorities(model.listener.client_certificates)
    yield from upstream_authorities(model.authorities_pem, places)
    yield from client_certificate_secrets(model.routes, memory)
    if model.raw_files:
        yield from published_filters()
