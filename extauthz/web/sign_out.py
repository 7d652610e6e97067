"""`/.pomerium/sign_out`: ends the session everywhere, or asks first where a link on another site may have led here.

With `iss` and `sid` it is the front-channel logout of an identity provider.
"""

from starlette.responses import PlainTextResponse, Response

from extauthz import sign_out as use_case
from extauthz.pages.headers import framed_by
from extauthz.web import audit
from extauthz.web.answers import page_response, redirect_response
from extauthz.web.asker import known_session
from extauthz.web.failures import failed
from extauthz.web.incoming import web_request
from extauthz.web.sign_out_form import SIGN_OUT, form_targets
from extauthz.web.visit import HOME, Visit
from extauthz.web_request import Failure, WebRequest
from session_store.records import KnownSession


async def sign_out(visit: Visit) -> Response:
    """Answer GET and POST."""
    request = await web_request(visit)
    if use_case.is_front_channel(request):
        return await _front_channel(visit, request)
    known = await known_session(visit)
    outcome = await use_case.sign_out(visit.services, visit.current, request)
    if isinstance(outcome, use_case.AskFirst):
        return await _ask(visit, known)
    if isinstance(outcome, Failure):
        audit.sign_out_refused(visit, outcome)
        return failed(visit, outcome)
    audit.sign_out(visit, known)
    return redirect_response(outcome)


async def _front_channel(visit: Visit, request: WebRequest) -> Response:
    outcome = await use_case.front_channel_logout(visit.services, visit.current, request)
    if isinstance(outcome, Failure):
        audit.provider_logout_refused(visit, outcome.detail_for_log)
        return failed(visit, outcome)
    audit.provider_logout(visit, outcome.framed_by, outcome.ended)
    return PlainTextResponse("Signed out\n", headers=dict(framed_by(outcome.framed_by)))


async def _ask(visit: Visit, known: KnownSession | None) -> Response:
    page = visit.page(
        "sign_out_confirm.html",
        form_targets=await form_targets(visit),
        name=(known.user.name or known.user.email or known.user.id) if known else "",
        sign_out_url=SIGN_OUT,
        home=HOME,
    )
    return page_response(page)
