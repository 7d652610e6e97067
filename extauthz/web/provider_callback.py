"""`/oauth2/callback` of the authenticate host: where the identity provider sends the browser back to."""

from starlette.responses import Response

from extauthz.sign_in import finish
from extauthz.web.flow import take
from extauthz.web.visit import Visit


async def provider_callback(visit: Visit) -> Response:
    """Answer an authorization response, from the query or a posted form (`response_mode=form_post`)."""
    return await take(visit, finish)
