"""Envoy's local rate limit: a bucket of tokens per route. The filter sleeps where a route has none."""

from envoy.extensions.filters.http.local_ratelimit.v3 import local_rate_limit_pb2 as local_rate_limit
from envoy.type.v3 import percent_pb2 as percent
from envoy_data_plane.envoy.extensions.filters.http.local_ratelimit.v3 import LocalRateLimit
from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter

from access_model.forwarding import RateLimit
from control_plane.translate import names, wire
from control_plane.translate.asking_check import FilterConfigs

STAT_PREFIX = "ostiary"


def rate_limit_filter() -> HttpFilter:
    """The filter; before `Check`, so that a flood does not reach it."""
    sleeping = LocalRateLimit(stat_prefix=STAT_PREFIX)
    return HttpFilter(name=names.RATE_LIMIT_FILTER, typed_config=wire.packed(sleeping), disabled=True)


def limited(limit: RateLimit) -> FilterConfigs:
    """Wake it on a route; what is beyond the limit gets 429."""
    always = {"default_value": percent.FractionalPercent(numerator=100)}
    config = local_rate_limit.LocalRateLimit(
        stat_prefix=STAT_PREFIX,
        token_bucket={
            "max_tokens": limit.burst,
            "tokens_per_fill": {"value": limit.requests},
            "fill_interval": limit.interval,
        },
        filter_enabled=always,
        filter_enforced=always,
    )
    return {names.RATE_LIMIT_FILTER: wire.packed_upb(config)}
