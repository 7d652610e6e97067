"""Remembers the path as the client asked for it, for the access log.

The router rewrites `:path` in place, and Envoy's own memory of it, `x-envoy-original-path`, is a header that a client
could send as well (GHSA-5jmv-cw9p-f9rp).
"""

from envoy_data_plane.envoy.config.core.v3 import DataSource, SubstitutionFormatString
from envoy_data_plane.envoy.extensions.filters.common.set_filter_state.v3 import FilterStateValue
from envoy_data_plane.envoy.extensions.filters.http.set_filter_state.v3 import Config
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter

from control_plane.translate import names, wire

REQUEST_PATH_KEY = "ostiary.request_path"


def request_path_filter() -> HttpFilter:
    """The filter; it runs first, so that it sees every request that has a route."""
    config = Config(
        on_request_headers=[
            FilterStateValue(
                object_key=REQUEST_PATH_KEY,
                factory_key="envoy.string",
                format_string=SubstitutionFormatString(text_format_source=DataSource(inline_string="%PATH(NQ:PATH)%")),
            )
        ]
    )
    return HttpFilter(name=names.REQUEST_PATH_FILTER, typed_config=wire.packed(config))
