"""One log line for each sign-in, each that failed, and each sign-out. None holds a token, a cookie or a query."""

from collections.abc import Sequence

import structlog

from extauthz.credentials import Presented, find_session, read_credential
from extauthz.web.visit import Visit
from extauthz.web_request import Failure, Redirect
from session_store.records import KnownSession
from session_store.repository import StoreUnavailable

log = structlog.get_logger(__name__)


async def sign_in(visit: Visit, step: Redirect) -> None:
    """Log the step of a sign-in that made a session: the one on the authenticate host that set its cookie."""
    pairs = tuple(cookie.partition(";")[0] for cookie in step.set_cookies)
    issued = read_credential({"cookie": pairs}, visit.model.cookie)
    if not visit.at_authenticate or not isinstance(issued, Presented):
        return
    try:
        known = await find_session(visit.services.store, issued, visit.host, visit.now)
    except StoreUnavailable:  # it was there a moment ago, and the person is signed in: say what is known
        known = None
    log.info("sign_in", **_place(visit), **_who(known))


def sign_in_refused(visit: Visit, failure: Failure) -> None:
    """Log why a step of a sign-in did not go on."""
    level = log.error if failure.status >= 500 else log.warning
    level("sign_in_refused", **_place(visit), status=failure.status, reason=failure.kind, detail=failure.detail_for_log)


def sign_out(visit: Visit, known: KnownSession | None) -> None:
    """Log a sign-out; without a session there was none to end."""
    log.info("sign_out", **_place(visit), **_who(known))


def sign_out_refused(visit: Visit, failure: Failure) -> None:
    """Log an attempt to sign somebody out that was not followed."""
    log.warning("sign_out_refused", **_place(visit), reason=failure.kind, detail=failure.detail_for_log)


def provider_logout(visit: Visit, issuer: str, ended: Sequence[KnownSession]) -> None:
    """Log that a provider has signed somebody out."""
    sessions = [known.session.id for known in ended]
    users = sorted({known.user.id for known in ended})
    log.info("provider_logout", **_place(visit), issuer=issuer, users=users, sessions=sessions)


def provider_logout_refused(visit: Visit, detail: str) -> None:
    """Log an order to sign somebody out that was not followed."""
    log.warning("provider_logout_refused", **_place(visit), detail=detail)


def _place(visit: Visit) -> dict[str, str]:
    return {"request_id": visit.request_id, "host": visit.host, "path": visit.request.scope["path"]}


def _who(known: KnownSession | None) -> dict[str, str]:
    if known is None:
        return {"user": "", "session": ""}
    session = known.session
    return {"user": session.user_id, "issuer": session.issuer, "provider": session.provider_id, "session": session.id}
