"""`/.pomerium/jwks.json` of the authenticate host: the key that proves us to providers (`private_key_jwt`)."""

from starlette.responses import JSONResponse, Response

from extauthz.web.visit import Visit


async def client_keys(visit: Visit) -> Response:
    """The JWK Set, to be registered at the provider as this client's `jwks_uri`."""
    return JSONResponse(visit.services.provider.client_jwks(), headers={"cache-control": "max-age=60"})
