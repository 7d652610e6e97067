"""Who asks, by the same rules as `Check`."""

from collections.abc import Mapping
from uuid import UUID

from access_model.model import Route
from extauthz.assertion.claims import assertion_claims
from extauthz.credentials import Presented, Source, find_session, identity_of, read_credential
from extauthz.limits import TooManyAttempts, client_of, presented_token
from extauthz.web.visit import Visit, headers_of
from session_store.records import KnownSession


async def known_session(visit: Visit) -> KnownSession | None:
    """The session of this browser, or program, on this host; None for a stranger.

    Raises `StoreUnavailable`, and `TooManyAttempts` where the client has to wait before a token is looked up.
    """
    headers = headers_of(visit.request)
    credential = read_credential(headers, visit.model.cookie)
    in_header = isinstance(credential, Presented) and credential.source is not Source.COOKIE
    token = presented_token(headers, visit.host) if in_header else None
    limits, limit, client = visit.services.limits, visit.model.token_failure_limit, client_of(visit.client_address)
    if (wait := limits.wait_for_token(token, client, limit, visit.now)) is not None:
        raise TooManyAttempts(wait)
    known = await find_session(visit.services.store, credential, visit.host, visit.now)
    if known is None:
        limits.failed(token, client, limit, visit.now)
    else:
        limits.accepted(token, visit.now)
    return known


def claims_here(visit: Visit, known: KnownSession) -> Mapping[str, object]:
    """The assertion's claims as an application on this host would see them."""
    routes = _routes_here(visit)
    return assertion_claims(
        identity_of(known, visit.current.data.directory),
        host=visit.host,
        issuer_format=routes[0].issuer_format if routes else "hostOnly",
        claim_headers={name: claim for route in reversed(routes) for name, claim in route.claim_headers.items()},
        groups_filter=routes[0].groups_filter if routes else visit.model.assertion.groups_filter,
        now=visit.now,
        token_id=str(UUID(bytes=visit.services.entropy(16), version=4)),
    )


def _routes_here(visit: Visit) -> tuple[Route, ...]:
    """The routes of this host; where there is none (the authenticate host), those of all hosts."""
    routes = visit.model.routes
    return tuple(route for route in routes if route.origin.covers(visit.host)) or routes
