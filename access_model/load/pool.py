"""How the upstreams of a route are used together."""

from access_model.forwarding import (
    CircuitBreaker,
    GrpcProbe,
    HealthCheck,
    HttpProbe,
    LoadBalancing,
    OutlierDetection,
    TcpProbe,
    UpstreamPool,
)
from access_model.load.marks import Path
from access_model.load.matching import literal_path
from access_model.load.problems import Mistake, Report
from access_model.schema import HealthCheckKeys, HttpHealthCheckKeys, RouteKeys, TcpHealthCheckKeys

_PROBES = ("http_health_check", "tcp_health_check", "grpc_health_check")


def pool(path: Path, keys: RouteKeys, report: Report) -> UpstreamPool:
    """The settings of a route's upstreams as a whole."""
    if len(keys.health_checks) > 1:
        message = "the route has several health checks, and for now one is all that Envoys are told"
        report.error((*path, "health_checks", 1), "given-twice", message, "keep the one that tells the most")
    checks = [
        _health_check((*path, "health_checks", index), each, report) for index, each in enumerate(keys.health_checks)
    ]
    outliers, limits = keys.outlier_detection, keys.circuit_breaker_thresholds
    if outliers is not None:
        _check_times((*path, "outlier_detection"), outliers.model_dump(exclude_none=True), report)
    return UpstreamPool(
        load_balancing=LoadBalancing(keys.load_balancing_policy),
        health_checks=tuple(each for each in checks if each is not None),
        healthy_panic_threshold=keys.healthy_panic_threshold,
        outlier_detection=None if outliers is None else OutlierDetection(**outliers.model_dump()),
        circuit_breaker=CircuitBreaker() if limits is None else CircuitBreaker(**limits.model_dump()),
    )


def _health_check(path: Path, keys: HealthCheckKeys, report: Report) -> HealthCheck | None:
    given = [name for name in _PROBES if getattr(keys, name) is not None]
    if len(given) != 1 and not report.broken(path):
        message = "the health check has " + (" and ".join(f"`{name}`" for name in given) or "no probe")
        report.error(
            path, "bad-probe", message, "give one of `http_health_check`, `tcp_health_check`, `grpc_health_check`"
        )
    _check_times(path, {"timeout": keys.timeout, "interval": keys.interval}, report)
    if len(given) != 1:
        return None
    probe = _probe(path, keys, report)
    if probe is None:
        return None
    return HealthCheck(probe, keys.timeout, keys.interval, keys.unhealthy_threshold, keys.healthy_threshold)


def _probe(path: Path, keys: HealthCheckKeys, report: Report) -> HttpProbe | TcpProbe | GrpcProbe | None:
    if keys.http_health_check is not None:
        return _http_probe((*path, "http_health_check"), keys.http_health_check, report)
    if keys.tcp_health_check is not None:
        return _tcp_probe((*path, "tcp_health_check"), keys.tcp_health_check, report)
    return GrpcProbe(keys.grpc_health_check.service_name) if keys.grpc_health_check is not None else None


def _http_probe(path: Path, keys: HttpHealthCheckKeys, report: Report) -> HttpProbe | None:
    for index, each in enumerate(keys.expected_statuses):
        if each.start >= each.end:
            message = f"from {each.start} up to, but without, {each.end} there is no status"
            report.error((*path, "expected_statuses", index), "bad-range", message, "make `end` larger than `start`")
    checked = report.attempt((*path, "path"), literal_path, keys.path)
    statuses = tuple((each.start, each.end - 1) for each in keys.expected_statuses)
    return None if checked is None else HttpProbe(checked, keys.host, statuses)


def _tcp_probe(path: Path, keys: TcpHealthCheckKeys, report: Report) -> TcpProbe:
    sent = report.attempt((*path, "send", "text"), _bytes, keys.send.text) if keys.send else b""
    received = [
        report.attempt((*path, "receive", index, "text"), _bytes, each.text) for index, each in enumerate(keys.receive)
    ]
    return TcpProbe(sent or b"", b"".join(each for each in received if each))


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Mistake(
            "bad-hex", f"`{text}` is not hexadecimal", "write two digits for each byte, as `50494e47`"
        ) from None


def _check_times(path: Path, times: dict[str, object], report: Report) -> None:
    for name, each in times.items():
        if hasattr(each, "total_seconds") and not each:
            report.error((*path, name), "bad-duration", "it has to last some time", "write `1s` or more")
