"""`/.pomerium/join`: a host on the way of a login that opens several."""

from starlette.responses import Response

from extauthz.sign_in import join as join_way
from extauthz.web.flow import take
from extauthz.web.visit import Visit


async def join(visit: Visit) -> Response:
    """Answer a signed link."""
    return await take(visit, join_way)
