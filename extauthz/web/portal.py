"""`/.pomerium/routes` and `/.pomerium/api/v1/routes`: the routes that this user may open, for people and programs."""

from collections.abc import Iterator

from starlette.responses import Response

from access_model.facts import Identity, RequestFacts
from access_model.model import Route, origin_url
from extauthz.credentials import identity_of
from extauthz.decide import Allowed, Known, StepUpNeeded, decide
from extauthz.request_path import canonical
from extauthz.web.answers import page_response
from extauthz.web.asker import known_session
from extauthz.web.failures import sign_in_first
from extauthz.web.user_claims import EscapedJson
from extauthz.web.visit import HOME, Visit, headers_of
from session_store.records import KnownSession

ROUTES = "/.pomerium/routes"


async def portal_page(visit: Visit) -> Response:
    """The list, as a page."""
    known = await known_session(visit)
    if known is None:
        return sign_in_first(visit)
    routes = [(route.name, route.description, _address(route)) for route in _may_open(visit, known)]
    return page_response(visit.page("routes.html", routes=routes, home=HOME))


async def portal_list(visit: Visit) -> Response:
    """The list, as JSON."""
    known = await known_session(visit)
    if known is None:
        return sign_in_first(visit)
    return EscapedJson({"routes": [_described(route) for route in _may_open(visit, known)]})


def _described(route: Route) -> dict[str, str]:
    return {
        "id": route.id,
        "name": route.name,
        "type": "http",
        "from": origin_url(route.origin),
        "description": route.description,
        "connect_command": "",
        "logo_url": route.logo_url or "",
    }


def _may_open(visit: Visit, known: KnownSession) -> Iterator[Route]:
    """The routes that this user may open, be it after a better sign-in, asked as if they opened the first page."""
    identity = identity_of(known, visit.current.data.directory)
    for route in visit.model.routes:
        asker = identity if route.takes(known.session.provider_id) else None
        if _passes(visit, route, asker):
            yield route


def _passes(visit: Visit, route: Route, asker: Identity | None) -> bool:
    path = _first_path(route)
    facts = RequestFacts(
        method="GET",
        scheme=route.origin.scheme,
        host=route.origin.host,
        authority=route.origin.host,
        path=canonical(path),
        raw_path=path,
        query="",
        headers=headers_of(visit.request),
    )
    known = Known(asker, records=visit.current.data.records)
    return isinstance(decide(facts, route, known, visit.now), Allowed | StepUpNeeded)


def _first_path(route: Route) -> str:
    return "/" if route.match.kind == "regex" else route.match.value


def _address(route: Route) -> str:
    """Where a link leads; empty for a wildcard, which is no place."""
    return "" if route.origin.wildcard else f"{origin_url(route.origin)}{_first_path(route)}"
