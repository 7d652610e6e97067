"""`/.pomerium/backchannel_logout` of the authenticate host: where identity providers sign people out."""

from starlette.responses import JSONResponse, Response

from extauthz import sign_out as use_case
from extauthz.web import audit
from extauthz.web.incoming import web_request
from extauthz.web.visit import Visit


async def backchannel_logout(visit: Visit) -> Response:
    """200 where the order was followed, 400 with an `error` where not (Back-Channel Logout 1.0, section 2.8)."""
    outcome = await use_case.back_channel_logout(visit.services, visit.current, await web_request(visit))
    if isinstance(outcome, use_case.LogoutRefused):
        audit.provider_logout_refused(visit, outcome.detail)
        return JSONResponse({"error": outcome.error, "error_description": outcome.detail}, status_code=400)
    audit.provider_logout(visit, outcome.logout.issuer, outcome.ended)
    return Response(status_code=200)
