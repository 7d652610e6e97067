"""`/.pomerium/signed_out`: where a sign-out ends, also when it led over the identity provider."""

from starlette.responses import Response

from extauthz.web.answers import page_response
from extauthz.web.visit import Visit


async def signed_out(visit: Visit) -> Response:
    """Say that it is done. Whatever the query says is ignored."""
    return page_response(visit.page("signed_out.html", home="/.pomerium/"))
