"""What an allowed request takes to its upstream: who asks, signed; and nothing of how they proved it to us."""

from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from access_model.client_certificate import read_certificate
from access_model.facts import ClientCertificate, Identity, RequestFacts
from access_model.model import Route
from access_model.reserved_headers import CREDENTIAL_HEADER
from extauthz.assertion.claims import assertion_claims
from extauthz.assertion.headers import identity_headers
from extauthz.assertion.templates import JWT, Template, TemplateContext
from extauthz.bearer import is_bearer
from extauthz.check.answer import Pass
from extauthz.check.case import Case
from extauthz.check.forgeable import forged_names
from extauthz.check.impersonation import impersonation
from extauthz.check.upstream_cookies import upstream_cookies
from extauthz.credentials import identity_of, is_ours
from session_store.records import KnownSession, Tokens

_template = lru_cache(maxsize=4096)(Template.parse)
_NO_TOKENS = Tokens()


def pass_on(case: Case, route: Route, known: KnownSession | None) -> Pass:
    """The headers to set and to remove for a request that may pass; `known` is None for a stranger."""
    facts, current = case.facts, case.current
    cookie = upstream_cookies(facts.headers.get("cookie", ()), current.model.cookie)
    set_headers = {"cookie": cookie} if cookie else {}
    set_headers |= _about_the_user(case, route, known, cookie)
    set_headers |= impersonation(route, _identity(case, known))
    removed = {*_credentials(facts, route), *forged_names(facts.headers, current.model, current.signing, case.now)}
    if cookie == "":
        removed.add("cookie")
    # Envoy removes after it sets: what is set replaces the client's anyway.
    return Pass(tuple(sorted(set_headers.items())), tuple(sorted(removed - set_headers.keys())))


def _about_the_user(case: Case, route: Route, known: KnownSession | None, cookie: str | None) -> dict[str, str]:
    """Assertion, claim headers, and the operator's own headers, which win over ours; lower-case names."""
    templates = {name.lower(): _template(text) for name, text in route.set_request_headers.items()}
    signs = route.pass_identity_headers or any(template.uses(JWT) for template in templates.values())
    claims = _claims(case, route, known) if signs else {}
    assertion = case.current.signing.sign(claims) if signs else ""
    context = _template_context(case.facts, route, known, assertion, cookie)
    expanded = {name: template.expand(context) for name, template in templates.items()}
    if not route.pass_identity_headers:
        return expanded
    header = case.current.model.assertion.header
    headers = identity_headers(assertion, claims, assertion_header=header, claim_headers=route.claim_headers)
    return {name.lower(): value for name, value in headers.items()} | expanded


def _claims(case: Case, route: Route, known: KnownSession | None) -> Mapping[str, object]:
    return assertion_claims(
        _identity(case, known),
        host=case.facts.host,
        issuer_format=route.issuer_format,
        claim_headers=route.claim_headers,
        groups_filter=route.groups_filter,
        now=case.now,
        token_id=str(UUID(bytes=case.entropy(16), version=4)),
    )


def _identity(case: Case, known: KnownSession | None) -> Identity | None:
    return identity_of(known, case.current.data.directory) if known else None


def _template_context(
    facts: RequestFacts, route: Route, known: KnownSession | None, assertion: str, cookie: str | None
) -> TemplateContext:
    """What templates may refer to: of the client's headers, those that the upstream gets too."""
    tokens = known.session.tokens if known else _NO_TOKENS
    hidden = _credentials(facts, route) | (set() if cookie is None else {"cookie"})
    headers = {name: values for name, values in facts.headers.items() if name not in hidden}
    return TemplateContext(
        jwt=assertion,
        access_token=tokens.access_token,
        id_token=tokens.id_token,
        client_cert_fingerprint=_fingerprint(facts.client_certificate),
        request_headers=headers | ({"cookie": (cookie,)} if cookie else {}),
    )


def _fingerprint(shown: ClientCertificate | None) -> str:
    """SHA-256 of a certificate that is trusted: an upstream may take it for who asks."""
    names = read_certificate(shown.pem) if shown is not None and shown.trusted else None
    return names.fingerprint if names else ""


def _credentials(facts: RequestFacts, route: Route) -> set[str]:
    """The headers of the request that hold a credential for us, whether or not it was the one that counted."""
    names = {CREDENTIAL_HEADER} & facts.headers.keys()
    verifies = route.bearer_format != "default"
    if any(is_ours(each) or (verifies and is_bearer(each)) for each in facts.headers.get("authorization", ())):
        names.add("authorization")
    return names
