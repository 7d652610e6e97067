"""What Envoy must know that the configuration file does not say: where our services are, and what lies where."""

from dataclasses import dataclass

from access_model.model import Certificate

DEBIAN_CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses and files as Envoy sees them, chosen by whoever starts it."""

    check: str
    """Address of the gRPC `Check` service: `unix:///path` or `host:port`."""
    web: str
    """Address of our HTTP endpoints: `unix:///path` or `host:port`."""
    access_log: str | None = None
    """File for the access log; None for Envoy's standard output."""
    certificates: tuple[Certificate, ...] = ()
    """Server certificates for a listener whose configuration names none, such as those of a local CA."""
    envoy_folder: str = ""
    """Folder where an Envoy keeps the certificate that it shows our services; empty: they speak plain text."""
    ca_bundle: str = DEBIAN_CA_BUNDLE
    """File with the authorities that `https` upstreams are verified against."""
    system_authorities: str = ""
    """What such a file says, PEM; for a configuration that adds to it."""
