"""`/.pomerium/callback/`: the end of a sign-in on the host where it began."""

from starlette.responses import Response

from extauthz.sign_in import land
from extauthz.web.flow import take
from extauthz.web.visit import Visit


async def route_callback(visit: Visit) -> Response:
    """Answer a signed link that carries a ticket."""
    return await take(visit, land)
