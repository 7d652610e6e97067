"""Mutual TLS between Envoys and our services (`services.tls`)."""

from collections.abc import Mapping

from access_model.load.client_certificates import authorities
from access_model.load.key_material import certificate, certificate_chain
from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.load.sources import Sources, Written
from access_model.model import Certificate, ServiceTls
from access_model.schema import ServiceTlsKeys, Settings

KEY: Path = ("services", "tls")


def service_tls(settings: Settings, sources: Sources, report: Report) -> ServiceTls | None:
    """Read `services.tls`; None when it is not given or cannot be used."""
    keys = settings.services.tls if settings.services is not None else None
    if keys is None:
        return None
    _check_groups(keys, settings, report)
    for group, names in keys.groups.items():
        for index, name in enumerate(names):
            report.attempt((*KEY, "groups", group, index), _checked_name, name)
    if not keys.envoy_folder.startswith("/"):
        message = f"`{keys.envoy_folder}` is no absolute path"
        report.error((*KEY, "envoy_folder"), "bad-folder", message, "write it as on the machines of the Envoys")
    chain, key, client_ca = (_required(keys, name, sources, report) for name in ("cert", "key", "client_ca"))
    if chain is None or key is None or client_ca is None:
        return None
    shown = _certificate(chain, key, report)
    trusted = report.attempt(client_ca.path, authorities, client_ca.text)
    if shown is None or trusted is None:
        return None
    return ServiceTls(shown, trusted, _folded(keys.groups), keys.envoy_folder.rstrip("/"))


def _required(keys: ServiceTlsKeys, name: str, sources: Sources, report: Report) -> Written | None:
    written = sources.value(keys, name, KEY)
    if written is None and not report.broken((*KEY, name), (*KEY, f"{name}_file")):
        remedy = "give `cert_file`, `key_file` and `client_ca_file`"
        report.error(KEY, "missing", f"`{name}` is missing", remedy)
    return written


def _certificate(chain: Written, key: Written, report: Report) -> Certificate | None:
    read = report.attempt(chain.path, certificate_chain, chain.text)
    if read is None:
        return None
    leaf, chain_pem = read
    return report.attempt(key.path, lambda text: certificate(chain_pem, leaf, text), key.text)


def _check_groups(keys: ServiceTlsKeys, settings: Settings, report: Report) -> None:
    """Every group that has resources of its own needs somebody who may ask for them."""
    for index, resources in enumerate(settings.xds_resources):
        if resources.group and resources.group not in keys.groups:
            message = f"`services.tls.groups` does not say which Envoys are of the group `{resources.group}`"
            path = ("xds_resources", index, "group")
            report.error(path, "unclaimed-group", message, "list the names in their certificates there")


def _checked_name(name: str) -> str:
    host = name.removeprefix("*.")
    if not name.isprintable() or " " in name or "*" in host or not host:
        message = f"`{name}` is neither a DNS name nor a URI"
        raise Mistake("bad-name", message, "write `edge-1.example.com`, `*.example.com` or `spiffe://example.com/edge`")
    return name


def _folded(groups: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    """DNS names in lower case, as they are compared; URIs as they are."""
    return {
        group: tuple(name if "://" in name else name.lower() for name in sorted(names))
        for group, names in sorted(groups.items())
    }
