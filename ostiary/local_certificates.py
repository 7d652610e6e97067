"""Which certificate a listener without one gets: none, or one of the local authority, where that cannot do harm."""

from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

import structlog

from access_model.model import AccessModel, Certificate
from access_model.secret import Secret
from service_kit.local_ca import local_certificate

FOLDER = "local-ca"

log = structlog.get_logger(__name__)


def certificates_for(model: AccessModel, state_folder: Path, now: datetime) -> tuple[Certificate, ...]:
    """A certificate for all hosts of the model; empty when it names its own, speaks no TLS, or can be reached.

    Only a listener on a loopback address, or one whose hosts all lie under `localhost` (RFC 6761 section 6.3: they
    lead to loopback alone), gets one. Raises `LocalCaUnusable`.
    """
    listener = model.listener
    if listener.insecure or listener.certificates or not _local(listener.address, hosts_of(model)):
        return ()
    made = local_certificate(state_folder / FOLDER, hosts_of(model), now)
    log.info(
        "local_certificate", authority=str(made.authority), meaning="browsers warn until they trust this authority"
    )
    return (Certificate(made.chain_pem, Secret.of(made.key_pem)),)


def hosts_of(model: AccessModel) -> tuple[str, ...]:
    """Every host that the listener answers on, wildcards included, sorted."""
    return tuple(sorted({model.authenticate.host, *(route.origin.host for route in model.routes)}))


def _local(address: str, hosts: Iterable[str]) -> bool:
    return _loopback(address) or all(_loopback(host) for host in hosts)


def _loopback(name: str) -> bool:
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
