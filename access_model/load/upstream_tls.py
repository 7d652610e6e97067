"""TLS towards upstreams: whom to believe, and who we are."""

from access_model.forwarding import ClientCertificate, UpstreamTls
from access_model.load.hosts import host_or_address
from access_model.load.key_material import certificate, certificate_chain
from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.load.sources import Sources
from access_model.schema import RouteKeys


def upstream_tls(path: Path, keys: RouteKeys, sources: Sources, report: Report) -> UpstreamTls:
    """The TLS settings of a route's upstreams."""
    names = ("tls_upstream_server_name", "tls_server_name")
    read = {
        name: report.attempt((*path, name), host_or_address, text) for name in names if (text := getattr(keys, name))
    }
    authorities = sources.value(keys, "tls_custom_ca", path)
    ca = authorities and report.attempt(authorities.path, certificate_chain, authorities.text)
    return UpstreamTls(
        skip_verify=keys.tls_skip_verify,
        server_name=next((read[name] for name in names if name in read), None),
        ca_pem=ca[1] if ca else None,
        certificate=_client_certificate(path, keys, sources, report),
    )


def _client_certificate(path: Path, keys: RouteKeys, sources: Sources, report: Report) -> ClientCertificate | None:
    chain = sources.value(keys, "tls_client_cert", path)
    key = sources.value(keys, "tls_client_key", path)
    if chain is None or key is None:
        present, missing = (chain, "tls_client_key") if key is None else (key, "tls_client_cert")
        if present is not None and not report.broken((*path, missing), (*path, f"{missing}_file")):
            message = f"`{missing}` is missing"
            report.error(present.path, "incomplete-certificate", message, f"give `{missing}` too")
        return None
    read = report.attempt(chain.path, certificate_chain, chain.text)
    if read is None:
        return None
    leaf, chain_pem = read
    pair = report.attempt(key.path, lambda text: certificate(chain_pem, leaf, text), key.text)
    return None if pair is None else ClientCertificate(pair.chain_pem, pair.key_pem)
