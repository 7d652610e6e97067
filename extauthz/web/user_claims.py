"""`/.pomerium/user`: who is signed in, for programs in the browser."""

import json
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response

from extauthz.web.asker import claims_here, known_session
from extauthz.web.failures import sign_in_first, unroutable
from extauthz.web.visit import Visit

OF_THE_TOKEN = frozenset(("iss", "aud", "exp", "iat", "jti"))
"""Claims that describe the token and not the user."""


class EscapedJson(JSONResponse):
    """JSON in ASCII: claims may hold lone surrogates, which UTF-8 cannot carry and an escape can."""

    def render(self, content: Any) -> bytes:
        """Escape all else."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


async def user_claims(visit: Visit) -> Response:
    """The assertion's claims about the user; never a token."""
    known = await known_session(visit)
    if known is None:
        return sign_in_first(visit)
    claims = {name: value for name, value in claims_here(visit, known).items() if name not in OF_THE_TOKEN}
    return EscapedJson(claims) if claims["sub"] else unroutable(visit, HTTPStatus.NOT_FOUND)
