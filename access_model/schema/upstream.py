"""The keys below a route that say how its upstreams are used together."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from access_model.schema.base import Keys
from access_model.schema.types import Duration, Shown

Count = Annotated[int, Field(ge=0, le=2**31 - 1), Shown("number")]
Percent = Annotated[int, Field(ge=0, le=100), Shown("number")]


class StatusRangeKeys(Keys):
    """Good statuses: from `start` up to, but without, `end`."""

    start: int = Field(default=200, ge=100, le=599, description="The first good status.")
    end: int = Field(default=201, ge=101, le=600, description="The first status behind them.")


class HttpHealthCheckKeys(Keys):
    """A request that a healthy upstream answers."""

    path: str = Field(default="/", description="Path to ask for.", examples=["/healthz"])
    host: str = Field(default="", description="`Host` to ask with. Default: the upstream's own.")
    expected_statuses: list[StatusRangeKeys] = Field(
        default_factory=list, description="Good statuses. Default: 200 alone.", examples=[[{"start": 200, "end": 300}]]
    )


class TcpProbeText(Keys):
    """Bytes of a TCP probe."""

    text: str = Field(default="", description="The bytes, in hexadecimal.", examples=["50494e47"])


class TcpHealthCheckKeys(Keys):
    """A connection that a healthy upstream accepts."""

    send: TcpProbeText | None = Field(default=None, description="What is sent. Default: nothing.")
    receive: list[TcpProbeText] = Field(default_factory=list, description="What must come back. Default: nothing.")


class GrpcHealthCheckKeys(Keys):
    """A call of gRPC's health checking protocol."""

    service_name: str = Field(default="", description="Service to ask for. Default: the server as a whole.")


class HealthCheckKeys(Keys):
    """One probe. Exactly one of the three kinds is needed."""

    timeout: Duration = Field(default=timedelta(seconds=5), description="How long one probe may take.")
    interval: Duration = Field(default=timedelta(seconds=10), description="Pause between two probes.")
    unhealthy_threshold: int = Field(
        default=3, ge=1, le=1000, description="Failures in a row that take an upstream out of use."
    )
    healthy_threshold: int = Field(default=1, ge=1, le=1000, description="Successes in a row that put it back.")
    http_health_check: HttpHealthCheckKeys | None = Field(default=None, description="Probe by an HTTP request.")
    tcp_health_check: TcpHealthCheckKeys | None = Field(default=None, description="Probe by a TCP connection.")
    grpc_health_check: GrpcHealthCheckKeys | None = Field(default=None, description="Probe by gRPC's health service.")


class OutlierDetectionKeys(Keys):
    """When an upstream is left out for a while because of how it answers. Defaults: those of Envoy."""

    consecutive_5xx: Count | None = Field(default=None, description="5xx answers in a row; 0 for never.")
    consecutive_gateway_failure: Count | None = Field(
        default=None, description="Answers 502, 503 or 504 in a row; 0 for never."
    )
    consecutive_local_origin_failure: Count | None = Field(
        default=None, description="Failed connections in a row, counted apart from answers; 0 for never."
    )
    interval: Duration | None = Field(default=None, description="Pause between two sweeps that put upstreams back.")
    base_ejection_time: Duration | None = Field(
        default=None, description="How long an upstream is left out; each time that much longer."
    )
    max_ejection_time: Duration | None = Field(default=None, description="How long at most.")
    max_ejection_percent: Percent | None = Field(
        default=None, description="Percentage of the upstreams that may be left out at once."
    )


class CircuitBreakerKeys(Keys):
    """How much may be under way to the upstreams at once; what is beyond gets 503. Defaults: 16384 each."""

    max_connections: Count | None = Field(default=None, description="Connections.")
    max_pending_requests: Count | None = Field(default=None, description="Requests that wait for a connection.")
    max_requests: Count | None = Field(default=None, description="Requests.")


class AttemptLimitKeys(Keys):
    """How many attempts each client address has; the next ones get 429 with `Retry-After`."""

    requests: Annotated[int, Shown("number")] | None = Field(
        default=None, ge=1, le=1_000_000, description="Attempts per interval. Required."
    )
    interval: Duration = Field(default=timedelta(minutes=1), description="The interval, from 50ms.")
    burst: Annotated[int, Shown("number")] | None = Field(
        default=None, ge=1, le=1_000_000, description="Most attempts at once, after a pause. Default: `requests`."
    )


class RateLimitKeys(Keys):
    """How many requests pass, whoever asks; the others get 429 before anything else is decided."""

    requests: Annotated[int, Shown("number")] | None = Field(
        default=None, ge=1, le=1_000_000, description="Requests per interval. Required."
    )
    interval: Duration = Field(default=timedelta(seconds=1), description="The interval, from 50ms.")
    burst: Annotated[int, Shown("number")] | None = Field(
        default=None, ge=1, le=1_000_000, description="Most requests at once, after a pause. Default: `requests`."
    )
