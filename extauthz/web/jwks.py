"""`/.well-known/pomerium/jwks.json`: the public keys that assertions verify with (RFC 7517).

One client library asks for it at every verification, so it is made once per set of keys and revalidated for nothing.
"""

from starlette.responses import Response

from extauthz.assertion.rotation import JWKS_MAX_AGE
from extauthz.web.visit import Visit

CACHED = f"max-age={JWKS_MAX_AGE.seconds}"


async def jwks(visit: Visit) -> Response:
    """The JWK Set, or 304 for who has it already (RFC 9110, section 13.1.2)."""
    ring = visit.current.signing
    headers = {"etag": ring.etag, "cache-control": CACHED, "access-control-allow-origin": "*"}
    if _matches(visit.request.headers.get("if-none-match", ""), ring.etag):
        return Response(status_code=304, headers=headers)
    return Response(ring.jwks_json, media_type="application/json", headers=headers)


def _matches(condition: str, etag: str) -> bool:
    """Compare weakly, as `If-None-Match` wants it."""
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return etag in tags or tags == ["*"]
