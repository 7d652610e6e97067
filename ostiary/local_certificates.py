"""Which certificate a listener without one gets: none, or one of the local authority, where that cannot do harm."""

from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

from access_model.model import AccessModel, Certificate
from access_model.secret import Secret
from service_kit.local_ca import AUTHORITY, local_certificate

FOLDER = "local-ca"


def certificates_for(model: AccessModel, state_folder: Path, now: datetime) -> tuple[Certificate, ...]:
    """A certificate for all hosts of the model; empty when it names its own, speaks no TLS, or can be reached.

    Only a listener on a loopback address, or one whose hosts all lie under `localhost` (RFC 6761 section 6.3: they
    lead to loopback alone), gets one. Raises `LocalCaUnusable`.
    """
    listener = model.listener
    if listener.insecure or listener.certificates or not _local(listener.address, hosts_of(model)):
        return ()
    made = local_certificate(state_folder / FOLDER, hosts_of(model), now)
    return (Certificate(made.chain_pem, Secret.of(made.key_pem)),)


def authority_of(state_folder: Path) -> Path:
    """Where the local authority's own certificate lies, once it was made: what browsers have to trust."""
    return state_folder / FOLDER / AUTHORITY


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
