"""What is sent instead of the upstream's answer: a way to sign in, or a no."""

from access_model.facts import RequestFacts
from access_model.model import AccessModel, Route
from access_model.policy import StepUp
from extauthz.check.case import Case
from extauthz.check.client import Client
from extauthz.credentials import presents_ours
from extauthz.decide import Refused, RefusedFor, SignInNeeded, StepUpNeeded
from extauthz.pages import Page, Pages, new_nonce
from extauthz.refusals import (
    ClientKind,
    Refusal,
    bad_request,
    certificate_wanted,
    conflicting_credentials,
    forbidden,
    insufficient_authentication,
    invalid_token,
    keep_crawlers_out,
    no_such_route,
    redirect,
    unauthenticated,
    unavailable,
)
from extauthz.served_hosts import base_urls
from extauthz.services import Current
from extauthz.sign_in_link import StepUpLink, begin_sign_in
from extauthz.step_up import parameters
from extauthz.web.visit import SIGN_IN

ROBOTS = "/robots.txt"

_AMBIGUOUS = {
    RefusedFor.BAD_REQUEST: "its path can be read in more than one way",
    RefusedFor.TWO_METHODS: "a header names another method than its own",
    RefusedFor.TWO_CREDENTIALS: "it carries a bearer token beside a cookie or another credential, so send one of them",
}


def turn_away(case: Case, pages: Pages, decision: SignInNeeded | StepUpNeeded | Refused) -> Page:
    """The page for a request that does not pass. Raises `HostNotServed` for a sign-in on a host that is not ours."""
    facts, client = case.facts, Client.of(case.question)
    if _is_crawlers_question(facts) and _is_about_the_user(decision):
        return keep_crawlers_out(method=facts.method, request_id=facts.request_id)
    if isinstance(decision, SignInNeeded | StepUpNeeded) and _is_redirected(case.current.model, client, decision.route):
        link = begin_sign_in(case.current, facts, case.entropy, case.now, step_up_of(case.current.model, decision))
        return redirect(link.location, link.set_cookies, request_id=facts.request_id)
    match decision:
        case SignInNeeded():
            refusal = _sign_in_first(case.current, facts, decision.route)
        case StepUpNeeded():
            refusal = _sign_in_better(case.current, facts, decision.demand)
        case Refused():
            refusal = _no(facts, decision)
    return client.refused(pages, refusal, new_nonce(case.entropy))


def _is_redirected(model: AccessModel, client: Client, route: Route) -> bool:
    """Whether this is a person, and one who could sign in: some routes are for tokens of programs alone."""
    return client.kind is ClientKind.NAVIGATION and bool(model.providers_of(route))


def _sign_in_first(current: Current, facts: RequestFacts, route: Route) -> Refusal:
    """401 with the address of a page of ours, not with a link into a sign-in: a link is bound to the browser it was
    made for, and who reads this may be a program that hands it to one. Nor can a script that polls use up the sign-in
    attempts that its browser may have under way."""
    bases = base_urls(current.model, facts.host)
    url = f"{bases[0]}{SIGN_IN}" if bases and current.model.providers_of(route) else ""
    return unauthenticated(facts.host, url, invalid_token=_presents_token(facts))


def step_up_of(model: AccessModel, decision: SignInNeeded | StepUpNeeded) -> StepUpLink | None:
    """What a sign-in link has to say about a step-up: it leads to the provider that the person came from."""
    if isinstance(decision, SignInNeeded):
        return None
    same = (each.id for each in model.providers if each.issuer == decision.identity.issuer)
    return StepUpLink(decision.demand, next(same, ""))


def _sign_in_better(current: Current, facts: RequestFacts, demand: StepUp) -> Refusal:
    """401 with what is asked for (RFC 9470); a person gets it by opening the very address in a browser."""
    bases = base_urls(current.model, facts.host)
    return insufficient_authentication(facts.host, f"{bases[0]}{facts.target}" if bases else "", parameters(demand))


def _no(facts: RequestFacts, refused: Refused) -> Refusal:
    match refused.kind:
        case RefusedFor.BAD_REQUEST | RefusedFor.TWO_CREDENTIALS | RefusedFor.TWO_METHODS:
            return bad_request(_AMBIGUOUS[refused.kind])
        case RefusedFor.CONFLICTING_CREDENTIALS:
            return conflicting_credentials(facts.host)
        case RefusedFor.INVALID_TOKEN:
            return invalid_token(facts.host)
        case RefusedFor.FORBIDDEN | RefusedFor.CLIENT_CERTIFICATE:
            return _not_allowed(facts, refused)
        case RefusedFor.NO_ROUTE:
            return no_such_route()
        case RefusedFor.UNAVAILABLE | RefusedFor.TOO_MANY_ATTEMPTS:
            return unavailable()


def _not_allowed(facts: RequestFacts, refused: Refused) -> Refusal:
    if refused.kind is RefusedFor.FORBIDDEN:
        return forbidden(refused.findings)
    return certificate_wanted(refused.findings, presented=facts.client_certificate is not None)


def _is_crawlers_question(facts: RequestFacts) -> bool:
    return facts.path == ROBOTS and facts.method in ("GET", "HEAD")


def _is_about_the_user(decision: SignInNeeded | StepUpNeeded | Refused) -> bool:
    about = (RefusedFor.FORBIDDEN, RefusedFor.CLIENT_CERTIFICATE)
    return not isinstance(decision, Refused) or decision.kind in about


def _presents_token(facts: RequestFacts) -> bool:
    """Whether a token of ours was presented, which then opens nothing."""
    return presents_ours(facts.headers)
