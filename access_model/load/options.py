"""Everything a route says about forwarding, checked: what happens to requests, responses and upstreams."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TypedDict

from access_model.forwarding import HeaderRewrite, HostRewrite, PathRewrite, RateLimit, UpstreamPool, UpstreamTls
from access_model.load.headers import check_not_both, header_rewrites, headers, removed_headers
from access_model.load.marks import Path
from access_model.load.pool import pool
from access_model.load.problems import Report
from access_model.load.rate_limit import rate_limit
from access_model.load.rewriting import host_rewrite, path_rewrite
from access_model.load.sources import Sources
from access_model.load.upgrades import upgrades
from access_model.load.upstream_tls import upstream_tls
from access_model.schema import RouteKeys

_OF_UPSTREAMS = (
    "prefix_rewrite",
    "regex_rewrite_pattern",
    "preserve_host_header",
    "host_rewrite",
    "host_rewrite_header",
    "host_path_regex_rewrite_pattern",
    "remove_request_headers",
    "rewrite_response_headers",
    "timeout",
    "idle_timeout",
    "allow_websockets",
    "allow_spdy",
    "allow_upgrades",
    "tls_skip_verify",
    "tls_server_name",
    "tls_upstream_server_name",
    "tls_custom_ca",
    "tls_custom_ca_file",
    "tls_client_cert",
    "tls_client_cert_file",
    "health_checks",
    "healthy_panic_threshold",
    "outlier_detection",
    "circuit_breaker_thresholds",
)


class Options(TypedDict):
    """Fields of `Route`."""

    rewrite: PathRewrite | None
    host_rewrite: HostRewrite | None
    remove_request_headers: tuple[str, ...]
    set_response_headers: Mapping[str, str]
    rewrite_response_headers: tuple[HeaderRewrite, ...]
    idle_timeout: timedelta | None
    upgrades: tuple[str, ...]
    rate_limit: RateLimit | None
    tls: UpstreamTls
    pool: UpstreamPool


def options(path: Path, keys: RouteKeys, sources: Sources, report: Report) -> Options:
    """Read them all; what is wrong is reported and left at its default."""
    if not keys.to:
        _warn_of_upstream_keys(path, keys, report)
    removed = removed_headers((*path, "remove_request_headers"), keys.remove_request_headers, report)
    check_not_both((*path, "remove_request_headers"), removed, keys.set_request_headers, report)
    changing = upgrades(path, keys, report)
    _check_grpc_probe(path, keys, changing, report)
    return Options(
        rewrite=path_rewrite(path, keys, report),
        host_rewrite=host_rewrite(path, keys, report),
        remove_request_headers=removed,
        set_response_headers=headers((*path, "set_response_headers"), keys.set_response_headers, report),
        rewrite_response_headers=header_rewrites(
            (*path, "rewrite_response_headers"), keys.rewrite_response_headers, report
        ),
        idle_timeout=keys.idle_timeout,
        upgrades=changing,
        rate_limit=rate_limit((*path, "rate_limit"), keys.rate_limit, report),
        tls=upstream_tls(path, keys, sources, report),
        pool=pool(path, keys, report),
    )


def _check_grpc_probe(path: Path, keys: RouteKeys, changing: tuple[str, ...], report: Report) -> None:
    """Envoy refuses a gRPC probe where it cannot speak HTTP/2."""
    plain = any(text.startswith(("http:", "unix:")) for text in keys.to or ())
    for index, check in enumerate(keys.health_checks):
        if check.grpc_health_check is not None and (plain or changing):
            message = "a gRPC probe needs upstreams that speak HTTP/2"
            remedy = "use `h2c` or `https` targets on a route without upgrades, or another probe"
            report.error((*path, "health_checks", index, "grpc_health_check"), "bad-probe", message, remedy)


def _warn_of_upstream_keys(path: Path, keys: RouteKeys, report: Report) -> None:
    for key in _OF_UPSTREAMS:
        if getattr(keys, key) not in (None, False, []):
            message = f"`{key}` has no effect, for the route has no upstream"
            report.warn((*path, key), "no-effect", message, "remove it")
