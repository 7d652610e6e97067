"""Golden pairs: `NAME.in.yaml` is a configuration, `NAME.out.yaml` what Envoys would be served for it."""

from pathlib import Path
from typing import Any

import yaml

from access_model.load import load
from access_model.model import AccessModel
from control_plane.bootstrap import BootstrapSettings
from control_plane.readable import readable
from control_plane.static_configuration import render_static
from control_plane.translate import Places, translate
from tests.harness.certificates import ServerCertificate

FOLDER = Path(__file__).parent
PLACES = Places(check="unix:///run/ostiary/check.sock", web="unix:///run/ostiary/web.sock")
SETTINGS = BootstrapSettings("golden", "golden", "unix:///run/ostiary/xds.sock", "unix:///run/ostiary/admin.sock")
EXAMPLE = FOLDER.parents[2] / "envoy" / "example.json"
KEY_MATERIAL = "[key material]"


def inputs() -> list[Path]:
    """Every configuration, sorted."""
    return sorted(FOLDER.glob("*.in.yaml"))


def output_of(configuration: Path) -> Path:
    """The file that holds what comes of a configuration."""
    return configuration.with_name(configuration.name.removesuffix(".in.yaml") + ".out.yaml")


def orphans() -> list[Path]:
    """Outputs whose configuration is gone."""
    return sorted(set(FOLDER.glob("*.out.yaml")) - set(map(output_of, inputs())))


def model_of(configuration: Path, certificate: ServerCertificate) -> AccessModel:
    """Load a configuration; `server.pem`, `server-key.pem` and `authority.pem` in it are those of `certificate`."""
    files = {"server.pem": certificate.chain, "server-key.pem": certificate.key, "authority.pem": certificate.authority}
    files["own.yaml"] = FOLDER / "files" / "own.yaml"
    loaded = load(
        configuration.read_text("utf-8"),
        source=configuration.name,
        environment={},
        read_file=lambda name: files[name].read_bytes(),
    )
    return loaded.model


def rendered(model: AccessModel) -> str:
    """What Envoys would be served, sorted, as YAML; certificates, which differ from run to run, are left out."""
    resources = [_without_key_material(readable(resource)) for resource in translate(model, PLACES)]
    return yaml.safe_dump_all(resources, sort_keys=False, width=120, allow_unicode=True)


def _without_key_material(resource: dict[str, Any]) -> dict[str, Any]:
    if "tls_certificate" in resource:
        resource["tls_certificate"] = dict.fromkeys(resource["tls_certificate"], KEY_MATERIAL)
    if "validation_context" in resource:
        resource["validation_context"]["trusted_ca"] = KEY_MATERIAL
    context = resource.get("transport_socket", {}).get("typed_config", {}).get("common_tls_context", {})
    if "inline_string" in (authorities := context.get("validation_context", {}).get("trusted_ca", {})):
        authorities["inline_string"] = KEY_MATERIAL
    return resource


def example(certificate: ServerCertificate) -> str:
    """The simplest configuration as one static file for an Envoy without a control plane."""
    return render_static(model_of(FOLDER / "plain.in.yaml", certificate), PLACES, SETTINGS)
