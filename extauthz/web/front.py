"""The authenticate host's own front: nothing to see but the way to `/.pomerium/`, and nothing for crawlers."""

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from extauthz.web.visit import Visit


async def front(_visit: Visit) -> Response:
    """Lead to who is signed in."""
    return RedirectResponse("/.pomerium/", status_code=302)


async def robots(_visit: Visit) -> Response:
    """Keep crawlers out (RFC 9309)."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
