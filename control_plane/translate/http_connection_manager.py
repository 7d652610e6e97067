"""The HTTP connection manager: how a request is normalised and what it passes before a route is taken."""

from envoy_data_plane.envoy.config.core.v3 import SchemeHeaderTransformation
from envoy_data_plane.envoy.extensions.filters.http.router.v3 import Router
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import (
    HttpConnectionManager,
    HttpConnectionManagerCodecType,
    HttpConnectionManagerForwardClientCertDetails,
    HttpConnectionManagerPathWithEscapedSlashesAction,
    HttpConnectionManagerServerHeaderTransformation,
    HttpFilter,
    Rds,
)

from access_model.model import AccessModel, Listener
from control_plane.translate import hardening, names, wire
from control_plane.translate.access_log import access_log
from control_plane.translate.client_chain import client_chain_filter
from control_plane.translate.ext_authz import ext_authz_filter
from control_plane.translate.header_stripping import header_stripping
from control_plane.translate.host_choice import host_choice
from control_plane.translate.impersonation import impersonation_filter
from control_plane.translate.local_reply import local_reply
from control_plane.translate.places import Places
from control_plane.translate.rate_limit import rate_limit_filter
from control_plane.translate.request_path import request_path_filter
from control_plane.translate.response_headers import response_rewriting_filter
from control_plane.translate.stream_watch import stream_watch_filter

_CODECS = {
    "auto": HttpConnectionManagerCodecType.AUTO,
    "http1": HttpConnectionManagerCodecType.HTTP1,
    "http2": HttpConnectionManagerCodecType.HTTP2,
    "http3": HttpConnectionManagerCodecType.AUTO,
}


def http_connection_manager(model: AccessModel, places: Places, *, quic: bool = False) -> HttpConnectionManager:
    """The manager of a listener's only filter chain; with `quic` it speaks HTTP/3, and nothing else differs.

    What every later stage sees is one spelling of each path and host: dot segments and repeated slashes are resolved,
    encoded slashes refused, a trailing dot of the host removed. The port stays in the authority, for building URLs; the
    route configuration ignores it.
    """
    listener = model.listener
    return HttpConnectionManager(
        codec_type=HttpConnectionManagerCodecType.HTTP3 if quic else _CODECS[listener.codec],
        stat_prefix=names.QUIC_LISTENER if quic else names.LISTENER,
        rds=Rds(route_config_name=names.ROUTE_CONFIGURATION, config_source=wire.FROM_CONTROL_PLANE),
        http_filters=[
            request_path_filter(),
            rate_limit_filter(),
            *client_chain_filter(listener.client_certificates),
            ext_authz_filter(),
            stream_watch_filter(),
            impersonation_filter(),
            response_rewriting_filter(),
            _router(),
        ],
        access_log=[access_log(places.access_log, listener.log_fields)],
        local_reply_config=local_reply(),
        # one spelling of path and host
        normalize_path=True,
        merge_slashes=True,
        path_with_escaped_slashes_action=HttpConnectionManagerPathWithEscapedSlashesAction.REJECT_REQUEST,
        strip_trailing_host_dot=True,
        scheme_header_transformation=_scheme(listener),
        # what a client may say about itself: nothing
        early_header_mutation_extensions=[header_stripping(model), host_choice()],
        use_remote_address=True,
        xff_num_trusted_hops=listener.trusted_hops,
        skip_xff_append=listener.skip_xff_append,
        internal_address_config=hardening.nobody_is_internal(),
        forward_client_cert_details=HttpConnectionManagerForwardClientCertDetails.SANITIZE,
        generate_request_id=True,
        preserve_external_request_id=False,
        always_set_request_id_in_response=True,
        # limits
        common_http_protocol_options=hardening.http_limits(listener.timeouts),
        http_protocol_options=hardening.http1(),
        http2_protocol_options=hardening.http2(),
        http3_protocol_options=hardening.http3() if quic else None,
        max_request_headers_kb=hardening.MAX_REQUEST_HEADERS_KB,
        request_timeout=listener.timeouts.read,
        request_headers_timeout=hardening.REQUEST_HEADERS_TIMEOUT,
        stream_idle_timeout=hardening.STREAM_IDLE_TIMEOUT,
        # what we say about ourselves
        server_name="ostiary",
        server_header_transformation=HttpConnectionManagerServerHeaderTransformation.OVERWRITE,
    )


def _scheme(listener: Listener) -> SchemeHeaderTransformation | None:
    """The scheme is the connection's own, not the client's word for it.

    Behind trusted hops on a plain listener it stays what the last hop says in `x-forwarded-proto`.
    """
    if not listener.insecure:
        return SchemeHeaderTransformation(scheme_to_overwrite="https")
    return None if listener.trusted_hops else SchemeHeaderTransformation(scheme_to_overwrite="http")


def _router() -> HttpFilter:
    return HttpFilter(name="envoy.filters.http.router", typed_config=wire.packed(Router(suppress_envoy_headers=True)))
