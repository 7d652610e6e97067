"""The access model as a sorted list of xDS resources."""

from collections.abc import Iterator

from access_model.model import AccessModel
from control_plane.raw import raw_resources
from control_plane.snapshot import Resource
from control_plane.translate.clusters import route_clusters
from control_plane.translate.listener import ingress_listener
from control_plane.translate.own_clusters import own_clusters
from control_plane.translate.places import Places
from control_plane.translate.published_filters import published_filters
from control_plane.translate.quic_listener import quic_listeners
from control_plane.translate.redirect_listener import redirect_listeners
from control_plane.translate.secrets import certificate_secrets, client_authorities, client_certificate_secrets
from control_plane.translate.virtual_hosts import route_configuration


def translate(model: AccessModel, places: Places, group: str = "") -> tuple[Resource, ...]:
    """Translate everything the operator wrote, sorted by type and name: equal input gives equal bytes.

    Of the operator's own resources, those for all Envoys and those for `group` are part of it. Raises NoCertificate
    when the listener speaks TLS and neither `model` nor `places` has a certificate, UnusableAddress when an address of
    `places` cannot be read, and RawResourcesInvalid when the operator's own resources cannot be served.
    """
    ours = tuple(_ours(model, places))
    every = (*ours, *raw_resources([file for file in model.raw_files if file.group in ("", group)], ours))
    return tuple(sorted(every, key=lambda resource: (resource.type_url, resource.name)))


def groups(model: AccessModel) -> tuple[str, ...]:
    """Groups of Envoys that get more than the others, sorted."""
    return tuple(sorted({file.group for file in model.raw_files} - {""}))


def _ours(model: AccessModel, places: Places) -> Iterator[Resource]:
    yield ingress_listener(model, places)
    yield from redirect_listeners(model, places)
    yield from quic_listeners(model, places)
    yield route_configuration(model)
    yield from own_clusters(places)
    yield from route_clusters(model.routes, places.ca_bundle)
    yield from certificate_secrets(model.listener, places)
    yield from client_authorities(model.listener.client_certificates)
    yield from client_certificate_secrets(model.routes)
    if model.raw_files:
        yield from published_filters()
