"""The control plane in numbers, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Meters:
    """The instruments, one set per registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.pushes = Counter("xds_pushes_total", "Responses sent", ["type"], registry=registry)
        self.nacks = Counter("xds_nacks_total", "Responses refused", ["type", "node"], registry=registry)
        self.connected = Gauge("xds_connected_streams", "Streams that Envoys have open", registry=registry)
        self.push_seconds = Histogram(
            "xds_push_duration_seconds",
            "From sending a response to the client's answer, ACK or NACK",
            ["type"],
            buckets=SECONDS,
            registry=registry,
        )
        self.convergence_seconds = Histogram(
            "xds_convergence_seconds",
            "From noticing a change of the configuration to a client's ACK of what came of it",
            ["type"],
            buckets=SECONDS,
            registry=registry,
        )
