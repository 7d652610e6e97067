"""What the translation to Envoy's resources must know besides the model."""

from pathlib import Path

import structlog

from access_model.model import AccessModel
from control_plane.translate import Places
from control_plane.translate.places import DEBIAN_CA_BUNDLE
from ostiary.local_certificates import certificates_for
from ostiary.roots.clock import utc_now

log = structlog.get_logger(__name__)


def places_of(model: AccessModel, state_folder: Path, *, check: str, web: str) -> Places:
    """Addresses of our services, and local certificates where the operator gave none. Raises `LocalCaUnusable`."""
    certificates = certificates_for(model, state_folder, utc_now())
    return Places(
        check,
        web,
        certificates=certificates,
        envoy_folder=envoy_folder_of(model),
        system_authorities=_system_authorities() if model.authorities_pem else "",
    )


def envoy_folder_of(model: AccessModel) -> str:
    """Where Envoys keep the certificates that they show our services; empty where these speak plain text."""
    return model.service_tls.envoy_folder if model.service_tls is not None else ""


def _system_authorities() -> str:
    """The system's bundle of authorities; nothing where there is none."""
    try:
        return Path(DEBIAN_CA_BUNDLE).read_text("utf-8", errors="replace")
    except OSError as error:
        meaning = "upstreams are verified against `certificate_authority` alone"
        log.warning("system_authorities_unread", file=DEBIAN_CA_BUNDLE, reason=str(error), meaning=meaning)
        return ""
