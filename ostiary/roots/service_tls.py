"""The mutual TLS of services that run apart, and its renewal with the configuration."""

import structlog

from access_model.model import AccessModel, ServiceTls
from ostiary.roots.reload import Commit, Prepare
from service_kit.mutual_tls import MutualTls, TlsMaterial

COUNTS_LATER = "this setting counts only after a restart"

log = structlog.get_logger(__name__)


class TlsNeedsServicesApart(Exception):
    """`ostiary run` joins its parts by private sockets; TLS between them would protect nothing."""

    code = "tls-needs-services-apart"


def mutual_tls_of(model: AccessModel) -> MutualTls | None:
    """The TLS that `services.tls` asks for; None for plain text. Raises `TlsUnusable`."""
    return MutualTls(_material(model.service_tls)) if model.service_tls is not None else None


def renewing(tls: MutualTls | None, prepare: Prepare) -> Prepare:
    """Make ready as `prepare` does; once committed, handshakes use the certificates of the newer configuration, too."""

    async def prepare_both(model: AccessModel) -> Commit:
        commit = await prepare(model)
        newer = model.service_tls
        if (newer is None) != (tls is None):
            log.warning("restart_needed", setting="services.tls", meaning=COUNTS_LATER)
        if newer is None or tls is None:
            return commit
        renew = tls.prepare(_material(newer))

        def commit_both() -> None:
            commit()
            renew()

        return commit_both

    return prepare_both


def _material(settings: ServiceTls) -> TlsMaterial:
    shown = settings.certificate
    return TlsMaterial(shown.chain_pem.encode(), shown.key_pem.reveal(), settings.client_ca_pem.encode())
