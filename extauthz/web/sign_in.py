"""`/.pomerium/sign_in` of the authenticate host: on to the provider, or straight back for whoever is signed in."""

from starlette.responses import Response

from extauthz.sign_in import open_sign_in
from extauthz.web.flow import take
from extauthz.web.visit import Visit


async def sign_in(visit: Visit) -> Response:
    """Answer a signed link."""
    return await take(visit, open_sign_in)
