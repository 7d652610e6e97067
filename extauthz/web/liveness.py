"""`/ping` and `/healthz`: this process answers. Nothing is looked up, so a broken store does not take it out."""

from starlette.responses import PlainTextResponse, Response

from extauthz.web.visit import Visit


async def alive(_visit: Visit) -> Response:
    """Say so."""
    return PlainTextResponse("OK\n")
