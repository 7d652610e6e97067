"""`/.pomerium/api/v1/login`: a program asks for a link that its user opens, and gets a credential for this host."""

from starlette.responses import PlainTextResponse, Response

from extauthz.programs.redirect_target import redirect_target
from extauthz.sign_in_link import REDIRECT_URI, Destination, sign_in_url
from extauthz.web.visit import Visit


async def programmatic_login(visit: Visit) -> Response:
    """The signed link, as text; 400 where the credential would go to a place that it may not."""
    given = visit.request.query_params.getlist(REDIRECT_URI)
    target = redirect_target(visit.model, given[0]) if len(given) == 1 else None
    if target is None:
        return PlainTextResponse("invalid redirect uri\n", status_code=400)
    return PlainTextResponse(sign_in_url(visit.current, Destination(target, program_for=visit.host), visit.now))
