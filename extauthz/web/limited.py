"""Limiting how often a client may use an endpoint that costs us or others: each attempt counts, success less."""

from starlette.responses import Response

from extauthz.limits import Attempt, TooManyAttempts, client_of
from extauthz.web.visit import Handler, Visit


def limited(attempt: Attempt, handler: Handler, *, given_back: int = 0) -> Handler:
    """Let a handler answer while the client has attempts left; without any, nothing is looked at.

    `given_back`: how many attempts an answer that is no error gives back, its own included. Raises `TooManyAttempts`.
    """

    async def call(visit: Visit) -> Response:
        buckets, client = visit.services.limits.buckets, client_of(visit.client_address)
        limit = visit.model.sign_in_limit
        if (wait := buckets.take(attempt, client, limit, visit.now)) is not None:
            raise TooManyAttempts(wait)
        response = await handler(visit)
        if response.status_code < 400:
            buckets.give_back(attempt, client, limit, visit.now, given_back)
        return response

    return call
