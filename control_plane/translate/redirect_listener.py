"""The listener for plain HTTP: every request is sent to the same URL under https, and asks nobody."""

from collections.abc import Iterator
from datetime import timedelta

from envoy_data_plane.envoy.config.listener.v3 import Filter, FilterChain, Listener
from envoy_data_plane.envoy.config.route.v3 import (
    RedirectAction,
    Route,
    RouteConfiguration,
    RouteMatch,
    VirtualHost,
)
from envoy_data_plane.envoy.extensions.filters.http.router.v3 import Router
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import (
    HttpConnectionManager,
    HttpConnectionManagerServerHeaderTransformation,
    HttpFilter,
)

from access_model.model import AccessModel, Redirect, Timeouts
from control_plane.snapshot import Resource, TypeUrl
from control_plane.translate import hardening, names, wire
from control_plane.translate.access_log import access_log
from control_plane.translate.listener import bind_address, proxy_protocol_filter
from control_plane.translate.places import Places
from control_plane.translate.public_port import public_port

TIMEOUTS = Timeouts(read=timedelta(seconds=10), idle=timedelta(seconds=30))
"""Of a connection that is good for one redirect."""


def redirect_listeners(model: AccessModel, places: Places) -> Iterator[Resource]:
    """The listener, if there is to be one."""
    if (redirect := model.listener.redirect) is not None:
        yield wire.resource(TypeUrl.LISTENER, names.REDIRECT_LISTENER, _listener(model, redirect, places))


def _listener(model: AccessModel, redirect: Redirect, places: Places) -> Listener:
    manager = HttpConnectionManager(
        stat_prefix=names.REDIRECT_LISTENER,
        route_config=_to_https(public_port(model)),
        http_filters=[HttpFilter(name="envoy.filters.http.router", typed_config=wire.packed(Router()))],
        access_log=[access_log(places.access_log, model.listener.log_fields)],
        use_remote_address=True,
        xff_num_trusted_hops=model.listener.trusted_hops,
        internal_address_config=hardening.nobody_is_internal(),
        common_http_protocol_options=hardening.http_limits(TIMEOUTS),
        http_protocol_options=hardening.http1(),
        http2_protocol_options=hardening.http2(),
        max_request_headers_kb=hardening.MAX_REQUEST_HEADERS_KB,
        request_timeout=TIMEOUTS.read,
        request_headers_timeout=hardening.REQUEST_HEADERS_TIMEOUT,
        stream_idle_timeout=TIMEOUTS.idle,
        server_name="ostiary",
        server_header_transformation=HttpConnectionManagerServerHeaderTransformation.OVERWRITE,
    )
    chain = Filter(name="envoy.filters.network.http_connection_manager", typed_config=wire.packed(manager))
    return Listener(
        name=names.REDIRECT_LISTENER,
        address=bind_address(redirect.address, redirect.port),
        per_connection_buffer_limit_bytes=hardening.CONNECTION_BUFFER_BYTES,
        filter_chains=[FilterChain(filters=[chain])],
        listener_filters=[proxy_protocol_filter()] if model.listener.proxy_protocol else [],
    )


def _to_https(port: int) -> RouteConfiguration:
    action = RedirectAction(https_redirect=True, port_redirect=port)
    every = Route(match=RouteMatch(prefix="/"), redirect=action)
    host = VirtualHost(name=names.REDIRECT_LISTENER, domains=["*"], routes=[every])
    return RouteConfiguration(name=names.REDIRECT_LISTENER, virtual_hosts=[host])
