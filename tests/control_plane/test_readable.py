"""Resources as people may read them."""

from envoy.config.cluster.v3 import cluster_pb2 as cluster
from envoy.config.core.v3 import base_pb2 as core
from envoy.config.route.v3 import route_components_pb2 as components
from envoy.extensions.filters.http.ext_authz.v3 import ext_authz_pb2 as ext_authz
from envoy.extensions.transport_sockets.tls.v3 import secret_pb2 as secret
from envoy.extensions.transport_sockets.tls.v3 import tls_pb2 as tls

from control_plane.readable import readable, redacted
from control_plane.snapshot import TypeUrl
from control_plane.translate import wire

KEY = "-----BEGIN PRIVATE KEY-----"
CERTIFICATE = {"certificate_chain": {"inline_string": "the chain"}, "private_key": {"inline_string": KEY}}


def test_a_secret_keeps_its_chain_and_loses_its_key() -> None:
    message = secret.Secret(name="certificate-0", tls_certificate=CERTIFICATE)
    resource = wire.resource(TypeUrl.SECRET, "certificate-0", message)
    assert KEY in str(readable(resource))
    shown = redacted(resource)
    assert shown["tls_certificate"] == {
        "certificate_chain": {"inline_string": "the chain"},
        "private_key": "[redacted]",
    }


def test_a_key_inside_packed_messages_is_found() -> None:
    context = tls.UpstreamTlsContext(common_tls_context={"tls_certificates": [CERTIFICATE]}, sni="upstream")
    socket = core.TransportSocket(name="tls", typed_config=wire.packed_upb(context))
    shown = redacted(wire.resource(TypeUrl.CLUSTER, "a", cluster.Cluster(name="a", transport_socket=socket)))
    assert KEY not in str(shown)
    assert shown["transport_socket"]["typed_config"]["sni"] == "upstream"


def test_of_what_check_is_told_only_our_own_words_are_shown() -> None:
    settings = ext_authz.CheckSettings(context_extensions={"route_id": "abc", "api_key": "hunter2"})
    per_route = ext_authz.ExtAuthzPerRoute(check_settings=settings)
    host = components.VirtualHost(name="a", typed_per_filter_config={"x": wire.packed_upb(per_route)})
    shown = redacted(wire.resource(TypeUrl.VIRTUAL_HOST, "a", host))
    told = shown["typed_per_filter_config"]["x"]["check_settings"]["context_extensions"]
    assert told == {"route_id": "abc", "api_key": "[redacted]"}
