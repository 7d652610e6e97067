"""`/.pomerium/jwt`: the raw assertion, where `pomerium_jwt_endpoint` shows it."""

from http import HTTPStatus

from starlette.responses import Response

from extauthz.web.asker import claims_here, known_session
from extauthz.web.failures import sign_in_first, unroutable
from extauthz.web.visit import Visit


async def assertion_token(visit: Visit) -> Response:
    """A fresh assertion of the signed-in user for this host (media type of RFC 7519, section 10.3.1)."""
    if not visit.model.jwt_endpoint:
        return unroutable(visit, HTTPStatus.NOT_FOUND)
    known = await known_session(visit)
    if known is None:
        return sign_in_first(visit)
    return Response(visit.current.signing.sign(claims_here(visit, known)), media_type="application/jwt")
