"""Settings that fit the schema to the access model, with all checks of meaning."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from access_model.fingerprint import revision_of
from access_model.load.access import certificate_rule
from access_model.load.access_log import access_log_fields, check_logged
from access_model.load.addresses import TcpAddress
from access_model.load.assertion import assertion
from access_model.load.authorities import trusted_authorities
from access_model.load.bearer import check_bearers
from access_model.load.cookies import cookie
from access_model.load.covered_hosts import warn_of_uncovered
from access_model.load.decision_log import decision_log_fields
from access_model.load.external_data import external_data
from access_model.load.headers import claim_headers, response_headers
from access_model.load.key_material import root_secret
from access_model.load.listener import CertificateReader, check_certificates, listener
from access_model.load.problems import Report
from access_model.load.programmatic import redirect_domains
from access_model.load.provider import NO_SIGN_IN, authenticate_origin, named_providers, provider, provider_ids
from access_model.load.raw_files import raw_files
from access_model.load.route_client import check_one_secret
from access_model.load.routes import Defaults, Numbered, RoutesRead, routes
from access_model.load.runtime_flags import shows_assertion
from access_model.load.service_tls import service_tls
from access_model.load.services import envoy, operations, own_addresses, own_sockets, services, store_url
from access_model.load.sessions import attempt_limits, idle_timeout, store_grace, stream_recheck
from access_model.load.sources import Sources
from access_model.load.together import check_companions, check_distinct, check_loops, check_sign_in, needing_session
from access_model.load.token_issuers import token_issuers
from access_model.load.unfed import warn_of_certificates, warn_of_unfed
from access_model.load.urls import web_page
from access_model.model import AccessModel, Listener, Origin
from access_model.schema import Settings
from access_model.secret import Secret

_UNUSED = Listener(address="", port=0, insecure=False, certificates=())


ReadRoutes = Callable[[Defaults, Report], RoutesRead]
"""Reads the routes, given what they take from the rest of the file."""


def resolve(
    settings: Settings, sources: Sources, report: Report, now: datetime | None, read_routes: ReadRoutes = routes
) -> AccessModel:
    """Build the access model. It may be used only if the report has no errors afterwards."""
    certificates = CertificateReader(sources, report, now).all(settings)
    asserts = assertion(settings, sources, report)
    listens = listener(settings, certificates, sources, report, now) or _UNUSED
    listens = replace(listens, log_fields=access_log_fields(settings, asserts.header, report))
    sign_in = authenticate_origin(settings, report)
    identity = provider(settings, sources, report)
    named = named_providers(settings, sources, report)
    issuers = token_issuers(settings, report)
    claims = claim_headers(("jwt_claims_headers",), settings.jwt_claims_headers, asserts.header, report)
    ids = provider_ids(identity, named, issuers)
    rule = certificate_rule(listens.client_certificates)
    read = read_routes(Defaults(settings, claims, asserts.header, identity, ids, sources, rule), report)
    numbered = read.numbered
    check_one_secret(numbered, report)
    check_logged(listens.log_fields, numbered, report)
    check_bearers(numbered, [*([identity] if identity else []), *named], issuers, report)
    check_sign_in(numbered, provider=bool(identity or named), authenticate=sign_in is not None, report=report)
    _check_together(numbered, settings, listens, sign_in, report)
    sources_of_data = external_data(settings, report)
    for index, route in read.asking:
        warn_of_unfed(("routes", index), route.policy, sources_of_data, report)
    warn_of_certificates(read.asking, listens.client_certificates, report)
    after_sign_out = settings.signout_redirect_url
    model = AccessModel(
        revision="",
        source=report.marks.source,
        listener=listens,
        authenticate=sign_in or NO_SIGN_IN,
        provider=identity,
        named_providers=named,
        token_issuers=issuers,
        programmatic_redirect_domains=redirect_domains(settings, report),
        cookie=cookie(settings, secure=_secure(numbered, sign_in), signs_in=bool(identity or named), report=report),
        assertion=asserts,
        shared_secret=_root_secret(settings, "shared_secret", sources, report),
        cookie_secret=_root_secret(settings, "cookie_secret", sources, report),
        previous_shared_secret=_root_secret(settings, "previous_shared_secret", sources, report),
        store_url=store_url(settings, sources, report),
        idle_timeout=idle_timeout(settings, report),
        store_grace=store_grace(settings, report),
        stream_recheck=stream_recheck(settings, report),
        **attempt_limits(settings, report),
        services=services(settings.services, report),
        service_tls=service_tls(settings, sources, report),
        envoy=envoy(settings, report),
        operations=operations(settings, report),
        authorities_pem=trusted_authorities(settings, sources, report, now),
        raw_files=raw_files(settings, sources, report),
        routes=tuple(route for _, route in numbered),
        lines=read.lines,
        default_timeout=settings.default_upstream_timeout,
        signout_redirect_url=after_sign_out and report.attempt(("signout_redirect_url",), web_page, after_sign_out),
        log_level="warning" if settings.log_level == "warn" else settings.log_level,
        response_headers=response_headers(settings.set_response_headers, report),
        jwt_endpoint=shows_assertion(settings, report),
        decision_log_fields=decision_log_fields(settings, asserts.header, report),
        external_data=sources_of_data,
    )
    object.__setattr__(model, "revision", revision_of(model, read.digests))  # `replace` would index all routes again
    return model


def _check_together(
    numbered: Sequence[Numbered], settings: Settings, listens: Listener, sign_in: Origin | None, report: Report
) -> None:
    own = [*own_addresses(settings), ("address", TcpAddress(listens.address, listens.port))]
    if listens.redirect is not None:
        own.append(("http_redirect_addr", TcpAddress(listens.redirect.address, listens.redirect.port)))
    check_distinct(numbered, sign_in, report)
    check_companions(numbered, sign_in, report)
    check_loops(numbered, own, own_sockets(settings), report)
    origins = [route.origin for _, route in numbered] + ([sign_in] if sign_in else [])
    check_certificates(listens, origins, report)
    warn_of_uncovered(listens, numbered, sign_in, report)


def _secure(numbered: Sequence[Numbered], sign_in: Origin | None) -> bool:
    """Whether every origin that people sign in to is https, so that the cookie may be for https alone."""
    plain = (each for each in numbered if each[1].origin.scheme == "http")
    origins = [route.origin for _, route in needing_session(plain)]
    return all(origin.scheme != "http" for origin in (*origins, *([sign_in] if sign_in else [])))


def _root_secret(settings: Settings, key: str, sources: Sources, report: Report) -> Secret | None:
    written = sources.value(settings, key)
    return written and report.attempt(written.path, root_secret, written.text)
