"""How the upstreams of a route are used together: choice, probes, leaving out, limits."""

from collections.abc import Iterator, Mapping
from typing import Any

from envoy.config.cluster.v3 import circuit_breaker_pb2 as circuit_breaker
from envoy.config.cluster.v3 import cluster_pb2 as cluster
from envoy.config.cluster.v3 import outlier_detection_pb2 as outlier
from envoy.config.core.v3 import health_check_pb2 as health
from envoy.type.v3 import range_pb2 as ranges

from access_model.forwarding import (
    CircuitBreaker,
    GrpcProbe,
    HealthCheck,
    HttpProbe,
    OutlierDetection,
    TcpProbe,
    UpstreamPool,
)
from control_plane.translate.own_clusters import MAX_CONCURRENT

ENFORCED = {"value": 100}
NEVER = {"value": 0}


def pool_fields(pool: UpstreamPool) -> Mapping[str, Any]:
    """The fields of a cluster."""
    fields = {
        "lb_policy": cluster.Cluster.LbPolicy.Value(pool.load_balancing.value),
        "health_checks": list(map(_health_check, pool.health_checks)),
        "circuit_breakers": _limits(pool.circuit_breaker),
    }
    if pool.healthy_panic_threshold is not None:
        fields["common_lb_config"] = {"healthy_panic_threshold": {"value": pool.healthy_panic_threshold}}
    if pool.outlier_detection is not None:
        fields["outlier_detection"] = outlier.OutlierDetection(**dict(_outlier_fields(pool.outlier_detection)))
    return fields


def _health_check(check: HealthCheck) -> health.HealthCheck:
    return health.HealthCheck(
        timeout=check.timeout,
        interval=check.interval,
        # Otherwise Envoy waits a minute until the first request comes.
        no_traffic_interval=check.interval,
        unhealthy_threshold={"value": check.unhealthy_threshold},
        healthy_threshold={"value": check.healthy_threshold},
        **_probe(check.probe),
    )


def _probe(probe: HttpProbe | TcpProbe | GrpcProbe) -> Mapping[str, Any]:
    match probe:
        case HttpProbe():
            good = [ranges.Int64Range(start=first, end=last + 1) for first, last in probe.statuses]
            check = health.HealthCheck.HttpHealthCheck(path=probe.path, host=probe.host, expected_statuses=good)
            return {"http_health_check": check}
        case TcpProbe():
            return {"tcp_health_check": _tcp(probe)}
        case GrpcProbe():
            return {"grpc_health_check": health.HealthCheck.GrpcHealthCheck(service_name=probe.service)}


def _tcp(probe: TcpProbe) -> health.HealthCheck.TcpHealthCheck:
    payloads = [health.HealthCheck.Payload(text=each.hex()) if each else None for each in (probe.send, probe.receive)]
    return health.HealthCheck.TcpHealthCheck(send=payloads[0], receive=[each for each in payloads[1:] if each])


def _outlier_fields(detection: OutlierDetection) -> Iterator[tuple[str, Any]]:
    """Envoy counts gateway failures without acting on them, unless told to; 0 stands for never."""
    for name in ("consecutive_5xx", "consecutive_gateway_failure", "consecutive_local_origin_failure"):
        number: int | None = getattr(detection, name)
        if number is not None:
            yield f"enforcing_{name}", ENFORCED if number else NEVER
            if number:
                yield name, {"value": number}
    if detection.consecutive_local_origin_failure is not None:
        yield "split_external_local_origin_errors", True
    for name in ("interval", "base_ejection_time", "max_ejection_time"):
        if (time := getattr(detection, name)) is not None:
            yield name, time
    if detection.max_ejection_percent is not None:
        yield "max_ejection_percent", {"value": detection.max_ejection_percent}


def _limits(breaker: CircuitBreaker) -> circuit_breaker.CircuitBreakers:
    """The default has room for every request that the listener lets in; Envoy's own would be 1,024."""
    limits = {
        name: {"value": MAX_CONCURRENT if (given := getattr(breaker, name)) is None else given}
        for name in ("max_connections", "max_pending_requests", "max_requests")
    }
    return circuit_breaker.CircuitBreakers(thresholds=[circuit_breaker.CircuitBreakers.Thresholds(**limits)])
