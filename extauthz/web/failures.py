"""What goes wrong at our own endpoints, in the form that the client reads."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from starlette.responses import Response

from extauthz import refusals
from extauthz.refusals import Refusal, classify, refuse
from extauthz.web.answers import page_response
from extauthz.web.visit import SIGN_IN, Visit, headers_of
from extauthz.web_request import Failure

WORDS = {
    HTTPStatus.NOT_FOUND: ("no-such-page", "Nothing here", "There is no page at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method-not-allowed", "Not this way", "This address does not take that method."),
}


def refused(visit: Visit, refusal: Refusal, set_cookies: tuple[str, ...] = ()) -> Response:
    """Answer with a refusal."""
    request = visit.request
    page = refuse(
        visit.pages,
        classify(request.method, headers_of(request)),
        refusal,
        method=request.method,
        request_id=visit.request_id,
        nonce=visit.nonce(),
        content_type=request.headers.get("content-type", ""),
    )
    return page_response(page, set_cookies)


def failed(visit: Visit, failure: Failure) -> Response:
    """Answer with what kept a sign-in or sign-out from going on."""
    refusal = Refusal(
        HTTPStatus(failure.status),
        failure.kind,
        failure.title,
        failure.message,
        sign_in_url=failure.retry_url or "",
        challenge=f'Bearer realm="{visit.host}"' if failure.status == HTTPStatus.UNAUTHORIZED else "",
    )
    return refused(visit, refusal, failure.set_cookies)


def sign_in_first(visit: Visit) -> Response:
    """Nobody is signed in, and this endpoint is about somebody."""
    url = f"{visit.base_url}{SIGN_IN}" if visit.model.providers else ""
    return refused(visit, refusals.unauthenticated(visit.host, url))


def not_served(visit: Visit) -> Response:
    """The host is malformed, or nobody's."""
    return refused(visit, refusals.no_such_route())


def malformed(visit: Visit, message: str) -> Response:
    """The request cannot be read."""
    sentence = f"{message[0].upper()}{message[1:]}."
    return refused(visit, replace(refusals.bad_request(message), title="This cannot be read", message=sentence))


def made_wait(visit: Visit, wait: timedelta) -> Response:
    """This client has tried too often lately."""
    return refused(visit, refusals.too_many_attempts(wait))


def unavailable(visit: Visit) -> Response:
    """The store does not answer."""
    return refused(visit, refusals.unavailable())


def unexpected(visit: Visit) -> Response:
    """We have failed; the log says how, the client learns the request id alone."""
    return refused(
        visit,
        Refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "internal-error",
            "That was us, not you",
            "Something broke on our side. Try again; if it stays, ask for help with the request id below.",
        ),
    )


def unroutable(visit: Visit, status: HTTPStatus) -> Response:
    """No endpoint, or not by this method."""
    return refused(visit, Refusal(status, *WORDS[status]))
