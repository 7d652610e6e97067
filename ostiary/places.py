"""What the translation to Envoy's resources must know besides the model."""

from pathlib import Path

from access_model.model import AccessModel
from control_plane.translate import Places
from ostiary.local_certificates import certificates_for
from ostiary.roots.clock import utc_now


def places_of(model: AccessModel, state_folder: Path, *, check: str, web: str) -> Places:
    """Addresses of our services, and local certificates where the operator gave none. Raises `LocalCaUnusable`."""
    certificates = certificates_for(model, state_folder, utc_now())
    return Places(check, web, certificates=certificates, envoy_folder=envoy_folder_of(model))


def envoy_folder_of(model: AccessModel) -> str:
    """Where Envoys keep the certificates that they show our services; empty where these speak plain text."""
    return model.service_tls.envoy_folder if model.service_tls is not None else ""
