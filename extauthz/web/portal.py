"""`/.pomerium/routes` and `/.pomerium/api/v1/routes`: the routes that this user may open, for people and programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

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


@dataclass(frozen=True, slots=True)
class Entry:
    """One route on the page."""

    name: str
    """What it is called."""
    description: str
    """A sentence, or empty."""
    address: str
    """Where a link leads; empty for what is no page, or no single place."""
    logo: str
    """URL of a picture; empty for its initial."""
    command: str
    """What to run instead of following a link; empty for a page."""


async def portal_page(visit: Visit) -> Response:
    """The list, as a page."""
    known = await known_session(visit)
    if known is None:
        return sign_in_first(visit)
    routes = tuple(map(_entry, _may_open(visit, known)))
    pictures = [_origin_of(each.logo) for each in routes if each.logo]
    return page_response(visit.page("routes.html", routes=routes, home=HOME, pictures=pictures))


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
        "type": "tcp" if _is_tunnel(route) else "http",
        "from": origin_url(route.origin),
        "description": route.description,
        "connect_command": _connect_command(route),
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
        client_address=visit.client_address,
        client_certificate=visit.client_certificate,
    )
    facts = visit.services.certificates.applied(facts, visit.model, visit.now)
    known = Known(asker, records=visit.current.data.records)
    return isinstance(decide(facts, route, known, visit.now), Allowed | StepUpNeeded)


def _entry(route: Route) -> Entry:
    tunnel = _is_tunnel(route)
    address = "" if route.origin.wildcard or tunnel else f"{origin_url(route.origin)}{_first_path(route)}"
    return Entry(route.name, route.description, address, route.logo_url or "", _connect_command(route))


def _first_path(route: Route) -> str:
    return route.match.value if route.match.kind in ("prefix", "path") else "/"


def _is_tunnel(route: Route) -> bool:
    return route.origin.scheme == "tcp+https"


def _connect_command(route: Route) -> str:
    return f"pomerium-cli tcp {route.origin.host}:{route.origin.port}" if _is_tunnel(route) else ""


def _origin_of(url: str) -> str:
    """The origin of a logo, whose URL was checked when the configuration was read, as CSP has it."""
    parts = urlsplit(url)
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"
