"""Limits and refusals that an internet-facing Envoy needs and does not have by default.

https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
"""

from datetime import timedelta

from envoy_data_plane.envoy.config.core.v3 import (
    CidrRange,
    Http1ProtocolOptions,
    Http2ProtocolOptions,
    Http3ProtocolOptions,
    HttpProtocolOptions,
    HttpProtocolOptionsHeadersWithUnderscoresAction,
    QuicProtocolOptions,
)
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import (
    HttpConnectionManagerInternalAddressConfig,
)

from access_model.model import Timeouts

CONNECTION_BUFFER_BYTES = 32 * 1024
MAX_REQUEST_HEADERS_KB = 60
MAX_HEADERS = 100
REQUEST_HEADERS_TIMEOUT = timedelta(seconds=10)
TLS_HANDSHAKE_TIMEOUT = timedelta(seconds=10)
STREAM_IDLE_TIMEOUT = timedelta(minutes=5)
MAX_CONCURRENT_STREAMS = 100
STREAM_WINDOW_BYTES = 64 * 1024
CONNECTION_WINDOW_BYTES = 1024 * 1024
NOBODY = "255.255.255.255"
"""The limited broadcast address, which is nobody's source address (RFC 1122 section 3.2.1.3)."""


def http_limits(timeouts: Timeouts) -> HttpProtocolOptions:
    """Limits for every version of HTTP. Without an idle time, one given as zero, Envoy would take an hour of its own.

    `x_user` and `x-user` are one variable to CGI, WSGI and PHP, so a name with an underscore could pose as a header
    that we set: such requests get 400.
    """
    return HttpProtocolOptions(
        idle_timeout=timeouts.idle,
        max_stream_duration=timeouts.write or None,
        max_headers_count=MAX_HEADERS,
        headers_with_underscores_action=HttpProtocolOptionsHeadersWithUnderscoresAction.REJECT_REQUEST,
    )


def http1() -> Http1ProtocolOptions:
    """HTTP/1.1 alone. `Transfer-Encoding` beside `Content-Length` is request smuggling (RFC 9112 section 6.1): 400."""
    return Http1ProtocolOptions(accept_http_10=False, allow_chunked_length=False, enable_trailers=False)


def http2() -> Http2ProtocolOptions:
    """Bounded streams and windows, so that one connection cannot hold much memory."""
    return Http2ProtocolOptions(
        max_concurrent_streams=MAX_CONCURRENT_STREAMS,
        initial_stream_window_size=STREAM_WINDOW_BYTES,
        initial_connection_window_size=CONNECTION_WINDOW_BYTES,
        allow_connect=False,
        allow_metadata=False,
    )


def http3() -> Http3ProtocolOptions:
    """No tunnels, which are of HTTP/1.1 alone here; the limits of HTTP/3 are those of its connection (`quic`)."""
    return Http3ProtocolOptions(allow_extended_connect=False, allow_metadata=False)


def quic(timeouts: Timeouts) -> QuicProtocolOptions:
    """The same bounds on streams and windows for a QUIC connection, whose own would be 16 MB a stream."""
    return QuicProtocolOptions(
        max_concurrent_streams=MAX_CONCURRENT_STREAMS,
        initial_stream_window_size=STREAM_WINDOW_BYTES,
        initial_connection_window_size=CONNECTION_WINDOW_BYTES,
        idle_network_timeout=timeouts.idle or None,
    )


def nobody_is_internal() -> HttpConnectionManagerInternalAddressConfig:
    """A client is not believed more for its address.

    Without a range Envoy takes private and loopback addresses for internal ones, whose `x-envoy-*` headers and request
    id it believes (CVE-2024-45806); so there must be one, and it holds nobody.
    """
    return HttpConnectionManagerInternalAddressConfig(
        unix_sockets=False, cidr_ranges=[CidrRange(address_prefix=NOBODY, prefix_len=32)]
    )
