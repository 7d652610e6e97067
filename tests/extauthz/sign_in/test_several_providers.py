"""Two identity providers: who is asked, whose answer counts, and whose sessions open what."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from access_model.model import AccessModel
from extauthz.sign_in import ProviderChoice
from extauthz.web_request import Failure, FailureKind, Redirect
from tests.extauthz.oidc.fake_provider import ISSUER, discovery, provider
from tests.extauthz.sign_in.world import APP, AUTH, OTHER, Browser, Outcome, Site, World, a_model, answer, authorization

PARTNERS = "https://partners.example.com"
SECOND = provider(id="partners", issuer=PARTNERS, title="Partners <b>")


def two_providers(**of_other: Any) -> AccessModel:
    """APP takes both, OTHER what the test says."""
    model = a_model(named_providers=(SECOND,))
    routes = tuple(replace(route, **of_other) if route.origin.host == OTHER else route for route in model.routes)
    return replace(model, routes=routes)


@pytest.fixture
def both(world: World) -> World:
    world.model = two_providers(identity_providers=("partners",))
    document = json.loads(json.dumps(discovery()).replace(ISSUER, PARTNERS))
    world.sites["partners.example.com"] = Site(issuer=PARTNERS, discovery=document)
    return world


def links(outcome: Outcome) -> dict[str, str]:
    assert isinstance(outcome, ProviderChoice), outcome
    return dict(outcome.links)


def asked_of(outcome: Outcome, issuer: str) -> dict[str, str]:
    assert isinstance(outcome, Redirect), outcome
    assert outcome.location.startswith(f"{issuer}/authorize?")
    return dict(parse_qsl(urlsplit(outcome.location).query))


def partners_answer(asked: dict[str, str], user: str = "alice", **changed: str) -> str:
    params = {"code": f"{user}/{asked['nonce']}", "state": asked["state"], "iss": PARTNERS, **changed}
    return str(httpx.URL(asked["redirect_uri"], params=params))


async def sign_in_with_partners(browser: Browser, host: str = OTHER) -> Outcome:
    return await browser.follow(partners_answer(asked_of(await browser.visit(browser.begin(host=host)), PARTNERS)))


async def test_people_choose_where_several_will_do(both: World) -> None:
    browser = both.browser()
    offered = links(await browser.visit(browser.begin("/report")))
    assert list(offered) == ["id.example.com", "Partners <b>"]
    asked = asked_of(await browser.visit(offered["Partners <b>"]), PARTNERS)
    assert asked["redirect_uri"] == f"https://{AUTH}/oauth2/callback/partners"
    ended = await browser.follow(partners_answer(asked))
    assert isinstance(ended, Redirect)
    assert ended.location == f"https://{APP}/report"
    known = await browser.session()
    assert known is not None
    assert (known.session.issuer, known.session.provider_id) == (PARTNERS, "partners")


async def test_a_route_with_one_provider_leads_straight_there(both: World) -> None:
    browser = both.browser()
    assert isinstance(await sign_in_with_partners(browser), Redirect)
    assert await browser.user(OTHER) == "alice"


async def test_whoever_signed_in_elsewhere_is_sent_to_the_routes_own_provider(both: World) -> None:
    browser = both.browser()
    chosen = links(await browser.visit(browser.begin()))["id.example.com"]
    await browser.follow(answer(authorization(await browser.visit(chosen))))
    assert await browser.user(APP) == "alice"
    asked_of(await browser.visit(browser.begin(host=OTHER)), PARTNERS)


async def test_the_same_name_at_two_providers_is_two_people(both: World) -> None:
    browser = both.browser()
    chosen = links(await browser.visit(browser.begin()))["id.example.com"]
    await browser.follow(answer(authorization(await browser.visit(chosen))))
    first = await browser.session()
    await sign_in_with_partners(browser)
    assert first is not None
    assert await both.store.find_session(first.session.id, both.now) is None
    assert await browser.user(APP) is None


@pytest.mark.parametrize("issuer", [ISSUER, None, f"{PARTNERS}/"])
async def test_the_answer_of_another_provider_is_refused(both: World, issuer: str | None) -> None:
    browser = both.browser()
    asked = asked_of(await browser.visit(browser.begin(host=OTHER)), PARTNERS)
    params = {"code": "alice/x", "state": asked["state"], **({"iss": issuer} if issuer else {})}
    outcome = await browser.visit(str(httpx.URL(asked["redirect_uri"], params=params)))
    assert isinstance(outcome, Failure)
    assert both.sites["partners.example.com"].asked("/token") == []
    assert both.site.asked("/token") == []


async def test_an_answer_at_the_callback_of_another_provider_is_refused(both: World) -> None:
    browser = both.browser()
    asked = asked_of(await browser.visit(browser.begin(host=OTHER)), PARTNERS)
    misled = {**asked, "redirect_uri": f"https://{AUTH}/oauth2/callback"}
    outcome = await browser.visit(partners_answer(misled))
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.PROVIDER_MISTRUSTED
    assert both.sites["partners.example.com"].asked("/token") == []
    assert isinstance(await browser.follow(partners_answer(asked)), Redirect)


async def test_a_tampered_choice_is_refused(both: World) -> None:
    browser = both.browser()
    offered = links(await browser.visit(browser.begin()))
    outcome = await browser.visit(offered["Partners <b>"].replace("pomerium_idp_id=partners", "pomerium_idp_id=main"))
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.BAD_LINK


async def test_a_provider_that_the_route_no_longer_takes_is_refused(both: World) -> None:
    browser = both.browser()
    link = browser.begin(host=OTHER)
    both.model = two_providers(identity_providers=("main",))
    outcome = await browser.visit(link)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.BAD_LINK
