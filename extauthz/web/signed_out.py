"""`/.pomerium/signed_out` of the authenticate host: where a sign-out ends, also when it led over the provider."""

from starlette.responses import Response

from extauthz import sign_out as use_case
from extauthz.web.answers import page_response, redirect_response
from extauthz.web.incoming import web_request
from extauthz.web.visit import HOME, SIGN_IN, Visit
from extauthz.web_request import Redirect


async def signed_out(visit: Visit) -> Response:
    """Say that it is done, or lead on to the operator's own page."""
    outcome = await use_case.signed_out(visit.services, visit.current, await web_request(visit))
    if isinstance(outcome, Redirect):
        return redirect_response(outcome)
    page = visit.page("signed_out.html", home=SIGN_IN if visit.model.providers else HOME)
    return page_response(page, outcome.set_cookies)
