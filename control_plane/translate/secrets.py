"""Certificates as SDS secrets: the listener's, those shown to upstreams, and what others' are verified against."""

from collections.abc import Iterable, Iterator

from envoy_data_plane.envoy.config.core.v3 import DataSource
from envoy_data_plane.envoy.extensions.transport_sockets.tls.v3 import (
    CertificateValidationContext,
    CertificateValidationContextTrustChainVerification,
    Secret,
    SubjectAltNameMatcher,
    SubjectAltNameMatcherSanType,
    TlsCertificate,
)
from envoy_data_plane.envoy.type.matcher.v3 import RegexMatcher, StringMatcher

from access_model.forwarding import ClientCertificate
from access_model.model import Certificate, ClientCertificates, Listener, Route, SubjectName
from control_plane.snapshot import Resource, TypeUrl
from control_plane.translate import names, wire
from control_plane.translate.memory import Memory
from control_plane.translate.places import Places


class NoCertificate(ValueError):
    """The listener speaks TLS and there is no certificate for it; nothing was translated."""


def certificate_secrets(listener: Listener, places: Places) -> tuple[Resource, ...]:
    """One secret per certificate of the listener, in the order in which they were configured."""
    chosen = zip(certificate_names(listener, places), _certificates(listener, places), strict=True)
    return tuple(
        wire.resource(TypeUrl.SECRET, name, Secret(name=name, tls_certificate=_tls_certificate(certificate)))
        for name, certificate in chosen
    )


def upstream_authorities(added_pem: str, places: Places) -> Iterator[Resource]:
    """What upstreams are verified against, where the configuration adds to what the system trusts."""
    if not added_pem:
        return
    every = DataSource(inline_string=f"{places.system_authorities.rstrip()}\n{added_pem}".lstrip())
    secret = Secret(name=names.UPSTREAM_AUTHORITIES, validation_context=CertificateValidationContext(trusted_ca=every))
    yield wire.resource(TypeUrl.SECRET, names.UPSTREAM_AUTHORITIES, secret)


def client_authorities(settings: ClientCertificates | None) -> Iterator[Resource]:
    """What clients' certificates are verified against, where they are asked for."""
    if settings is None:
        return
    context = _refusing(settings) if settings.enforcement == "reject_connection" else _asking(settings)
    secret = Secret(name=names.CLIENT_AUTHORITIES, validation_context=context)
    yield wire.resource(TypeUrl.SECRET, names.CLIENT_AUTHORITIES, secret)


def _refusing(settings: ClientCertificates) -> CertificateValidationContext:
    """Without a valid certificate there is no connection."""
    return CertificateValidationContext(
        trusted_ca=DataSource(inline_string=settings.ca_pem),
        crl=DataSource(inline_string=settings.crl_pem) if settings.crl_pem else None,
        match_typed_subject_alt_names=[_rule(name) for name in settings.names],
        max_verify_depth=settings.max_depth or None,
    )


def _asking(settings: ClientCertificates) -> CertificateValidationContext:
    """Whatever the client shows, or nothing, is let through, for `Check` to judge.

    The authorities are there for their names: TLS tells them to the client, which chooses a certificate by them.
    """
    return CertificateValidationContext(
        trusted_ca=DataSource(inline_string=settings.ca_pem),
        trust_chain_verification=CertificateValidationContextTrustChainVerification.ACCEPT_UNTRUSTED,
    )


_KINDS = {
    "dns": SubjectAltNameMatcherSanType.DNS,
    "email": SubjectAltNameMatcherSanType.EMAIL,
    "ip_address": SubjectAltNameMatcherSanType.IP_ADDRESS,
    "uri": SubjectAltNameMatcherSanType.URI,
}


def _rule(name: SubjectName) -> SubjectAltNameMatcher:
    pattern = StringMatcher(safe_regex=RegexMatcher(regex=name.pattern))
    return SubjectAltNameMatcher(san_type=_KINDS[name.kind], matcher=pattern)


def client_certificate_secrets(routes: Iterable[Route], memory: Memory) -> Iterator[Resource]:
    """One secret per route that shows its upstreams who we are."""
    for route in routes:
        shown = route.tls.certificate
        if shown is not None and any(target.scheme == "https" for target in route.targets):
            yield memory.secrets.recall(_client_secret, route.id, shown)


def _client_secret(route_id: str, shown: ClientCertificate) -> Resource:
    name = names.client_certificate_secret(route_id)
    return wire.resource(TypeUrl.SECRET, name, Secret(name=name, tls_certificate=_tls_certificate(shown)))


def certificate_names(listener: Listener, places: Places) -> tuple[str, ...]:
    """Names of the listener's secrets; none for a plain listener."""
    return tuple(names.certificate_secret(index) for index in range(len(_certificates(listener, places))))


def _certificates(listener: Listener, places: Places) -> tuple[Certificate, ...]:
    if listener.insecure:
        return ()
    certificates = listener.certificates or places.certificates
    if not certificates:
        raise NoCertificate(
            f"`{listener.address}:{listener.port}` has no certificate, so it cannot be served; "
            "set `certificates`, or `insecure_server: true` behind a proxy that ends TLS"
        )
    return certificates


def _tls_certificate(certificate: Certificate | ClientCertificate) -> TlsCertificate:
    return TlsCertificate(
        certificate_chain=DataSource(inline_string=certificate.chain_pem),
        private_key=DataSource(inline_bytes=certificate.key_pem.reveal()),
    )
