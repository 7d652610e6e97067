"""`/.well-known/pomerium`: where a client of this host finds keys, sign-in and sign-out."""

from starlette.responses import JSONResponse, Response

from extauthz.web.visit import Visit

ANY_ORIGIN = {"access-control-allow-origin": "*"}


async def discovery(visit: Visit) -> Response:
    """The document of the host that was asked."""
    base = visit.base_url
    document = {
        "issuer": f"{base}/",
        "authentication_callback_endpoint": f"{visit.model.authenticate_url}/oauth2/callback",
        "jwks_uri": f"{base}/.well-known/pomerium/jwks.json",
        "frontchannel_logout_uri": f"{base}/.pomerium/sign_out",
        "backchannel_logout_uri": f"{visit.model.authenticate_url}/.pomerium/backchannel_logout",
    }
    return JSONResponse(document, headers=ANY_ORIGIN)
