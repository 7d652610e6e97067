"""The access model as a sorted list of xDS resources."""

from access_model.model import AccessModel
from control_plane.snapshot import Resource
from control_plane.translate.clusters import route_clusters
from control_plane.translate.listener import ingress_listener
from control_plane.translate.own_clusters import own_clusters
from control_plane.translate.places import Places
from control_plane.translate.redirect_listener import redirect_listeners
from control_plane.translate.secrets import certificate_secrets, client_authorities, client_certificate_secrets
from control_plane.translate.virtual_hosts import route_configuration


def translate(model: AccessModel, places: Places) -> tuple[Resource, ...]:
    """Translate everything the operator wrote, sorted by type and name: equal input gives equal bytes.

    Raises NoCertificate when the listener speaks TLS and neither `model` nor `places` has a certificate, and
    UnusableAddress when an address of `places` cannot be read.
    """
    return tuple(
        sorted(
            (
                ingress_listener(model, places),
                *redirect_listeners(model, places),
                route_configuration(model),
                *own_clusters(places),
                *route_clusters(model.routes, places.ca_bundle),
                *certificate_secrets(model.listener, places),
                *client_authorities(model.listener.client_certificates),
                *client_certificate_secrets(model.routes),
            ),
            key=lambda resource: (resource.type_url, resource.name),
        )
    )
