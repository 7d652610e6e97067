"""What is sent instead of the upstream's answer: a way to sign in, or a no."""

from access_model.facts import RequestFacts
from access_model.reserved_headers import CREDENTIAL_HEADER
from extauthz.check.case import Case
from extauthz.check.client import Client
from extauthz.credentials import is_ours
from extauthz.decide import Refused, RefusedFor, SignInNeeded
from extauthz.pages import Page, Pages, new_nonce
from extauthz.refusals import (
    ClientKind,
    Refusal,
    bad_request,
    conflicting_credentials,
    forbidden,
    keep_crawlers_out,
    no_such_route,
    redirect,
    unauthenticated,
    unavailable,
)
from extauthz.served_hosts import base_urls
from extauthz.services import Current
from extauthz.sign_in_link import begin_sign_in
from extauthz.web.visit import SIGN_IN

ROBOTS = "/robots.txt"


def turn_away(case: Case, pages: Pages, decision: SignInNeeded | Refused) -> Page:
    """The page for a request that does not pass. Raises `HostNotServed` for a sign-in on a host that is not ours."""
    facts, client = case.facts, Client.of(case.question)
    if _is_crawlers_question(facts) and _is_about_the_user(decision):
        return keep_crawlers_out(method=facts.method, request_id=facts.request_id)
    if isinstance(decision, SignInNeeded):
        if client.kind is ClientKind.NAVIGATION:
            link = begin_sign_in(case.current, facts, case.entropy, case.now)
            return redirect(link.location, link.set_cookies, request_id=facts.request_id)
        refusal = _sign_in_first(case.current, facts)
    else:
        refusal = _no(facts, decision)
    return client.refused(pages, refusal, new_nonce(case.entropy))


def _sign_in_first(current: Current, facts: RequestFacts) -> Refusal:
    """401 with the address of a page of ours, not with a link into a sign-in: a link is bound to the browser it was
    made for, and who reads this may be a program that hands it to one. Nor can a script that polls use up the sign-in
    attempts that its browser may have under way."""
    bases = base_urls(current.model, facts.host)
    url = f"{bases[0]}{SIGN_IN}" if bases and current.model.providers else ""
    return unauthenticated(facts.host, url, invalid_token=_presents_token(facts))


def _no(facts: RequestFacts, refused: Refused) -> Refusal:
    match refused.kind:
        case RefusedFor.BAD_REQUEST:
            return bad_request("its path can be read in more than one way")
        case RefusedFor.CONFLICTING_CREDENTIALS:
            return conflicting_credentials(facts.host)
        case RefusedFor.FORBIDDEN:
            return forbidden(refused.findings)
        case RefusedFor.NO_ROUTE:
            return no_such_route()
        case RefusedFor.UNAVAILABLE:
            return unavailable()


def _is_crawlers_question(facts: RequestFacts) -> bool:
    return facts.path == ROBOTS and facts.method in ("GET", "HEAD")


def _is_about_the_user(decision: SignInNeeded | Refused) -> bool:
    return isinstance(decision, SignInNeeded) or decision.kind is RefusedFor.FORBIDDEN


def _presents_token(facts: RequestFacts) -> bool:
    """Whether a token of ours was presented, which then opens nothing."""
    return CREDENTIAL_HEADER in facts.headers or any(map(is_ours, facts.headers.get("authorization", ())))
