"""Which session this browser has on this host, by its cookie."""

from datetime import datetime

from extauthz.cookies import values_of
from extauthz.services import Current, Services
from extauthz.session_cookie import presented_value, token_hash
from extauthz.web_request import WebRequest
from session_store.records import KnownSession, Session


async def own_session(services: Services, current: Current, request: WebRequest, now: datetime) -> KnownSession | None:
    """The live session of the request's cookie on the request's host; None without one, and for an ambiguous cookie."""
    value = presented_value(request.cookies, current.model.cookie)
    if value is None:
        return None
    return await services.store.find_by_handle(token_hash(value), request.host, now)


def is_ambiguous(current: Current, request: WebRequest) -> bool:
    """Whether the browser sends several session cookies: none of them counts, and signing in again adds to them.

    That takes a `cookie_domain`, under which a neighbouring host can set a cookie of the same name.
    """
    return len(values_of(request.cookies, current.model.cookie.name)) > 1


def same_user(one: Session, other: Session) -> bool:
    """Whether two sessions are of one person: `sub` alone is unique only within its issuer."""
    return (one.issuer, one.user_id) == (other.issuer, other.user_id)
